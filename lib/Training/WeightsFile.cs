using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>Tensors by name in a file of any format that is read; the content says which it is.</summary>
public static class WeightsFile
{
    // No trained weight is this low; what is masks a pair in attention.
    private const float LeastWeight = -1e9f;

    /// <summary>
    /// A format besides safetensors: whether a file has it, and how it is read. The console sets PyTorch's.
    /// </summary>
    public static (Func<string, bool> IsOf, Func<string, TensorFile> Read)? OtherFormat { get; set; }

    /// <summary>The free text in a file; none in another format than safetensors.</summary>
    /// <exception cref="InvalidDataException">Its format is not known, or it is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        Require(path);
        return OtherFormat?.IsOf(path) == true ? new Dictionary<string, string>() : Safetensors.ReadMetadata(path);
    }

    /// <summary>All that is in a file; at least one tensor.</summary>
    /// <exception cref="InvalidDataException">Its format is not known, or it is damaged or has no tensor.</exception>
    public static TensorFile Read(string path)
    {
        Require(path);
        TensorFile file = OtherFormat is { } other && other.IsOf(path) ? other.Read(path) : Safetensors.Read(path);
        return file.Tensors.Count > 0 ? file : throw new InvalidDataException($"{path} contains no tensors.");
    }

    /// <summary>Copies a file's tensors into a model's, if all of them are finite.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">What it holds.</param>
    /// <param name="targets">The model's, each after the name in the file; null where it is not copied.</param>
    internal static void Copy(string path, TensorFile file, IReadOnlyDictionary<string, Tensor?> targets)
    {
        RequireFinite(path, targets.Select(target => (target.Key, file.Tensors[target.Key], target.Value)));
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor? target) in targets)
            target?.copy_(file.Tensors[name]);
    }

    /// <summary>A network with weights that are not finite gives no mask at all, and says nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">What was read, and the model's own: where that forbids a pair of tokens, older files hold
    /// minus infinity for good.</param>
    internal static void RequireFinite(string path, IEnumerable<(string Name, Tensor Value, Tensor? Own)> entries)
    {
        string[] names = [.. entries.Where(entry => !IsFinite(entry.Value, entry.Own)).Select(entry => entry.Name)];
        if (names.Length > 0)
            throw new InvalidDataException(
                $"{path} has NaN or infinite values in {names.Length} {(names.Length == 1 ? "entry" : "entries")}: "
                    + $"{Names(names)}. Its training diverged; train again with a lower learning rate, or use an "
                    + "earlier checkpoint.");
    }

    /// <summary>The first names of a list, and how many follow.</summary>
    internal static string Names(IReadOnlyCollection<string> names, int most = 10) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");

    /// <summary>The same after a title and their number; nothing of none.</summary>
    internal static string Listed(string title, IReadOnlyCollection<string> names, int most = 10) =>
        names.Count == 0 ? "" : $"{title} ({names.Count}): {Names(names, most)}";

    private static bool IsFinite(Tensor tensor, Tensor? own)
    {
        using DisposeScope scope = NewDisposeScope();
        return !tensor.is_floating_point() || tensor.isfinite().all().ToBoolean()
            || (own is not null && (tensor.isfinite() | own.cpu().le(LeastWeight)).all().ToBoolean());
    }

    private static void Require(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder; name the weights file in it.");
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"{path} does not exist. Weights are a run's best.safetensors, or a .pt or .pth file of "
                    + "PyTorch.", path);
    }
}
