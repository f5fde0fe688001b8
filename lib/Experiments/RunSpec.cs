using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// Everything that changes a run's result. Two runs of equal specs on one machine's CPU have equal bits.
/// </summary>
public sealed record RunSpec
{
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
    /// Whether the test cases' probabilities are averaged over the image and its horizontal flip, the report flipped
    /// along. Training and validation do without. The default value is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FlipAtTest { get; init; }

    /// <summary>The seed of weights, order, augmentation and dropout. The default value is 666, the authors'.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>libtorch's threads: sums are split by them, so they change the last bits.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>"cpu" or "cuda".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The weights that training starts from; null to start at random.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public StartWeights? From { get; init; }

    /// <summary>
    /// The run's folder name: model, data set, and the first 12 hexadecimal digits of the SHA-256 of
    /// <see cref="ToJson"/>.
    /// </summary>
    [JsonIgnore]
    public string Name => $"{Model.Name}-{Path.GetFileName(Data.Set.TrimEnd('/', '\\'))}-{Hash}".Replace('+', 'p');

    /// <summary>The first 12 hexadecimal digits of the SHA-256 of <see cref="ToJson"/>.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..12];

    /// <summary>The spec without what belongs to the machine, for finding a result that another machine made.</summary>
    [JsonIgnore]
    public RunSpec Portable => this with
    { Threads = 0, Device = "any", From = From is StartWeights start ? start with { Path = "" } : null };

    /// <summary>
    /// The spec that a run wrote into its weights; null where the file has none, such as one converted from PyTorch.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no weights file, or its spec is damaged; the message names
    /// it.</exception>
    public static RunSpec? FromWeights(string path) =>
        WeightsFile.ReadMetadata(path).TryGetValue("spec", out string? json) ? FromJson(json, path) : null;

    /// <summary>
    /// Whether a file's spec is this one, whatever the machine. A file that cannot be read is another run's: its damage
    /// must not stop this one.
    /// </summary>
    /// <param name="read">Reads the file's spec.</param>
    /// <param name="note">Called with what is wrong with the file; null for nobody.</param>
    internal bool IsAlike(Func<RunSpec?> read, Action<string>? note = null)
    {
        try
        {
            return read()?.Portable.ToJson() == Portable.ToJson();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            note?.Invoke($"{e.Message} It is passed over.");
            return false;
        }
    }

    /// <summary>The spec as readable JSON, the same text for the same spec everywhere.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonFormat.Strict);

    /// <exception cref="InvalidDataException">The file is no spec; the message names it and the place in
    /// it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RunSpec Load(string path) => Directory.Exists(path)
        ? throw new IOException($"{path} is a folder; name the spec.json in it.")
        : FromJson(File.ReadAllText(path), path);

    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <param name="source">Where it comes from, for the error.</param>
    /// <exception cref="InvalidDataException">The text is no spec; the message names the source and the place in
    /// it.</exception>
    public static RunSpec FromJson(string json, string source)
    {
        try
        {
            RunSpec spec = JsonSerializer.Deserialize<RunSpec>(json, JsonFormat.Strict)
                ?? throw new JsonException("it is empty");
            spec.Validate();
            return spec;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidDataException($"{source} is not a run spec of this version: {Cause(e)}", e);
        }
    }

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    internal void Validate()
    {
        Data.Validate();
        Model.RequireModestSizes();
        Model.Validate();
        Loss.Validate();
        Training.Validate();
        if (!(TextDropout is >= 0 and <= 1))
            throw new ArgumentException(
                FormattableString.Invariant($"TextDropout is {TextDropout}; it must be from 0 to 1."));
    }

    /// <summary>
    /// What is wrong, in the spec's words: the serializer's own are of its types, and count lines from 0.
    /// </summary>
    private static string Cause(Exception e)
    {
        if (e is NotSupportedException)
            return "Model has no \"system\"; it must name one of the paper's methods, such as \"C2FVL\".";
        if (e is not JsonException json)
            return e.Message;

        string place = json.Path is { Length: > 2 } path ? path[2..] : "";
        string at = json.LineNumber is long line ? $" (line {line + 1})" : "";
        string message = json.Message.Split([" Path: ", " LineNumber: "], StringSplitOptions.None)[0];
        string[] quoted = [.. message.Split('\'').Where((_, i) => i % 2 == 1)];
        string first = quoted.FirstOrDefault("");
        (string Serializer, string Spec)[] words =
        [
            ("does not contain any JSON tokens", "it is empty."),
            ("allow setting null", $"{place} is null; write the section, or leave it out for its default."),
            ("type discriminator",
                $"there is no method {first}{at}. Choose from {string.Join(", ", ModelCatalog.Names)}."),
            ("could not be mapped to any",
                $"there is no setting {(place.Length > 0 ? place : first)}{at}. Correct its name, or delete it."),
            ("missing required properties", $"it lacks {string.Join(", ", quoted.Skip(1))}{at}."),
            ("Duplicate property", $"it names {first} twice{at}. Delete one."),
            ("System.Int", $"{place} must be a whole number{at}."),
            ("System.Double", $"{place} must be a number{at}."),
            ("System.Boolean", $"{place} must be true or false{at}."),
            ("System.String", $"{place} must be a text in quotes{at}."),
            ("could not be converted to", $"{place} must be written as in a spec.json of this version{at}."),
        ];
        return words.FirstOrDefault(known => message.Contains(known.Serializer, StringComparison.Ordinal)).Spec
            ?? $"{(place.Length == 0 ? message : $"{place}: {message}").TrimEnd('.')}{at}.";
    }
}

/// <summary>The weights file that a run starts from.</summary>
/// <param name="Path">Where it is; relative to the repository if it lies there.</param>
/// <param name="Digest">The SHA-256 of its bytes, so that another file of that name is refused.</param>
public sealed record StartWeights(string Path, string Digest)
{
    internal string FullPath => System.IO.Path.Combine(Workspace.Root, Path);

    /// <summary>The weights in this file, by its present bytes.</summary>
    /// <param name="file">A full path.</param>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public static StartWeights In(string file)
    {
        if (!File.Exists(file))
            throw new FileNotFoundException(
                $"{file} does not exist, so no run can start from it. Check the path.", file);
        string own = System.IO.Path.GetRelativePath(Workspace.Root, file);
        bool isOutside = System.IO.Path.IsPathRooted(own) || own.StartsWith("..", StringComparison.Ordinal);
        return new StartWeights(isOutside ? file : own.Replace('\\', '/'), DigestOf(file));
    }

    /// <exception cref="InvalidDataException">The file is gone, or is another one by now.</exception>
    internal void Require()
    {
        if (!File.Exists(FullPath))
            throw new InvalidDataException($"{Path} is missing, but this run starts from it. Restore the file.");
        if (DigestOf(FullPath) != Digest)
            throw new InvalidDataException(
                $"{Path} is not the file that this run starts from. Restore that file, or start a new run with train "
                    + "--from.");
    }

    private static string DigestOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
