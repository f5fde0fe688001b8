using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>Everything that changes a run's result. Two runs of equal specs on one machine's CPU have equal bits.</summary>
public sealed record RunSpec
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new EnumNames() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    public required Scale Scale { get; init; }

    public required DataSpec Data { get; init; }

    public required ModelSettings Model { get; init; }

    public LossSettings Loss { get; init; } = new();

    public TrainingSettings Training { get; init; } = new();

    /// <summary>How training images are moved about.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.TextConsistent;

    /// <summary>The chance, 0 to 1, that a training image's report is left out. The default value is 0.</summary>
    public double TextDropout { get; init; }

    /// <summary>Which text the model is given in training, validation and test.</summary>
    public TextMode Text { get; init; } = TextMode.Correct;

    /// <summary>
    /// Whether the test cases' probabilities are averaged over the image and its horizontal flip, the report flipped along.
    /// Training and validation do without. The default value is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FlipAtTest { get; init; }

    /// <summary>The seed of weights, order, augmentation and dropout. The default value is 666, the authors'.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>libtorch's threads: sums are split by them, so they change the last bits.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>"cpu" or "cuda".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The run's folder name: model, data set, and the first 12 hexadecimal digits of the SHA-256 of <see cref="ToJson"/>.</summary>
    [JsonIgnore]
    public string Name => $"{this.Model.Name}-{Path.GetFileName(this.Data.Set.TrimEnd('/', '\\'))}-{this.Hash}".Replace('+', 'p');

    /// <summary>The first 12 hexadecimal digits of the SHA-256 of <see cref="ToJson"/>.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(this.ToJson())))[..12];

    /// <summary>The spec without what belongs to the machine, for finding a result that another machine made.</summary>
    [JsonIgnore]
    public RunSpec Portable => this with { Threads = 0, Device = "any" };

    /// <summary>The spec as readable JSON, the same text for the same spec everywhere.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="InvalidDataException">The file is no spec; the message names it and the place in it.</exception>
    public static RunSpec Load(string path) => FromJson(File.ReadAllText(path), path);

    /// <summary>The spec that a run wrote into its weights; null where the file has none, such as one converted from PyTorch.</summary>
    /// <exception cref="InvalidDataException">The file is no weights file, or its spec is damaged; the message names it.</exception>
    public static RunSpec? OfWeights(string path) => WeightsFile.ReadMetadata(path).TryGetValue("spec", out string? json) ? FromJson(json, path) : null;

    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <param name="source">Where it comes from, for the error.</param>
    /// <exception cref="InvalidDataException">The text is no spec; the message names the source and the place in it.</exception>
    public static RunSpec FromJson(string json, string source)
    {
        try
        {
            RunSpec spec = JsonSerializer.Deserialize<RunSpec>(json, Json) ?? throw new JsonException("it is empty");
            spec.Validate();
            return spec;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"{source} holds no run spec of this version: {Cause(e)}", e);
        }
    }

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the range.</exception>
    internal void Validate()
    {
        this.Model.RequireModestSizes();
        this.Model.Validate();
        this.Loss.Validate();
        this.Training.Validate();
        if (!(this.TextDropout is >= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"TextDropout is {this.TextDropout}; it must be from 0 to 1."));
    }

    private static string Cause(Exception e)
    {
        // The serializer's own words speak of its types; these are what a spec can lack.
        string place = (e as JsonException)?.Path is { Length: > 2 } path ? path[2..] : "";
        if (e is NotSupportedException)
            return "Model has no \"system\"; it must name one of the paper's methods, such as \"C2FVL\".";
        if (e.Message.Contains("doesn't allow setting null values", StringComparison.Ordinal))
            return $"{place} is null; write the section, or leave it out for its default.";
        return place.Length == 0 || e.Message.Contains("Path:", StringComparison.Ordinal) ? e.Message : $"{place}: {e.Message}";
    }
}
