using System.Text;
using System.Text.Json;
using C2FVL.Models;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Support;

/// <summary>
/// What the authors' released model gave in float64 for weights, images and masks made by a rule: the files in
/// shared/reference/parity, of which there may be more than the two that come with the project.
/// </summary>
public sealed class ParityFixture : IDisposable
{
    private readonly JsonElement json;
    private readonly TensorFile tensors;

    /// <param name="name">Such as "c2fvl-eval".</param>
    public ParityFixture(string name)
    {
        string folder = SharedData.Require("reference/parity");
        json = Parse(Path.Combine(folder, name + ".json"));
        tensors = Safetensors.Read(Path.Combine(folder, name + ".safetensors"));
    }

    /// <summary>The fixtures beside the checkout; the two that belong to the project where that folder is absent, so that they are seen to skip.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names() => NamesWhere(_ => true);

    /// <summary>Those in evaluation mode.</summary>
    public static IEnumerable<TheoryDataRow<string>> EvaluationNames() => NamesWhere(mode => mode == "eval");

    private static IEnumerable<TheoryDataRow<string>> NamesWhere(Func<string, bool> isWanted)
    {
        string folder = Path.Combine(SharedData.Folder, "reference/parity");
        (string Name, string Mode)[] fixtures = Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*.json").Order().Select(f => (Path.GetFileNameWithoutExtension(f), ModeOf(Parse(f))))]
            : [("c2fvl-eval", "eval"), ("c2fvl-train", "train")];
        return fixtures.Where(f => isWanted(f.Mode)).Select(f => new TheoryDataRow<string>(f.Name));
    }

    public bool IsTraining => ModeOf(json) == "train";

    public long LiveParameters => json.GetProperty("parameters_live").GetInt64();

    public int BatchSize => json.GetProperty("batch").GetInt32();

    /// <summary>Every tensor of the reference: outputs, and in train mode the running statistics after the step ("state.*").</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors.Tensors;

    /// <summary>A loss by its name: loss, dice_loss or weighted_bce.</summary>
    public double Loss(string name) => json.GetProperty(name).GetDouble();

    /// <summary>1 - cos of two layers' maps at full size, by pair, such as "4-2".</summary>
    public IReadOnlyDictionary<string, double> Cosine => Numbers("cosine");

    /// <summary>Each live parameter's gradient norm under the released loss.</summary>
    public IReadOnlyDictionary<string, double> GradientNorms => Numbers("gradient_norms");

    /// <summary>Every parameter and buffer that the released code registers; the evaluation fixtures list them.</summary>
    public IReadOnlyList<(string Name, long[] Shape, bool? IsLive)> State => [.. json.GetProperty("state").EnumerateArray().Select(e => (
        e.GetProperty("name").GetString()!,
        e.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()).ToArray(),
        e.GetProperty("live").ValueKind == JsonValueKind.Null ? (bool?)null : e.GetProperty("live").GetBoolean()))];

    /// <summary>(B, 8).</summary>
    public Tensor Text()
    {
        float[] values = [.. json.GetProperty("text").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(v => v.GetSingle())];
        return tensor(values).reshape(BatchSize, -1);
    }

    /// <summary>(B, 3, side, side), 0 to 1.</summary>
    public Tensor Image(int side)
    {
        double[] u = Stream("input", (long)BatchSize * 3 * side * side);
        return tensor(Array.ConvertAll(u, v => (float)((v + 1) / 2))).reshape(BatchSize, 3, side, side);
    }

    /// <summary>(B, 1, side, side), a disc each.</summary>
    public Tensor Mask(int side)
    {
        var mask = new float[BatchSize * side * side];
        for (int i = 0; i < BatchSize; i++)
        {
            for (int row = 0; row < side; row++)
            {
                for (int column = 0; column < side; column++)
                {
                    double dy = row - (130 - 20 * i), dx = column - (80 + 30 * i), radius = 50 - 10 * i;
                    mask[(i * side + row) * side + column] = dy * dy + dx * dx <= radius * radius ? 1 : 0;
                }
            }
        }

        return tensor(mask).reshape(BatchSize, 1, side, side);
    }

    /// <summary>Sets every weight and running statistic of a model by the rule.</summary>
    public void Fill(SegmentationModel model)
    {
        using var _ = no_grad();
        foreach ((string name, Tensor target) in model.state_dict())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;
            (double offset, double scale) = Rule(name, target.shape);
            using Tensor values = tensor(Array.ConvertAll(Stream(name, target.numel()), u => (float)(offset + scale * u)));
            target.copy_(values.reshape(target.shape));
        }
    }

    public void Dispose() => tensors.Dispose();

    private static JsonElement Parse(string file) => JsonElement.Parse(File.ReadAllText(file));

    private static string ModeOf(JsonElement json) => json.GetProperty("mode").GetString()!;

    private static (double Offset, double Scale) Rule(string name, long[] shape) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "running_mean" => (0, 0.05),
        "running_var" => (1, 0.2),
        "position_embeddings" => (0, 0.02),
        "bias" => (0, 0.05),
        _ when shape.Length == 1 => (1, 0.1),
        _ => (0, Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (a, b) => a * b))),
    };

    /// <summary>Numbers in -1 to below 1 from splitmix64, seeded by FNV-1a of the salt and the name.</summary>
    private double[] Stream(string name, long count)
    {
        ulong seed = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(json.GetProperty("salt").GetString() + name))
            seed = (seed ^ b) * 0x100000001b3;

        var values = new double[count];
        for (long j = 0; j < count; j++)
        {
            ulong z = (seed + (ulong)j) * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            values[j] = (z >> 40) / 8388608.0 - 1;
        }

        return values;
    }

    private Dictionary<string, double> Numbers(string name) => json.GetProperty(name).EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
}
