using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// Tensors by name in a file of either format, safetensors or PyTorch's own; the content says which it is.
/// </summary>
public static class WeightsFile
{
    // No trained weight is this low; what is masks a pair in attention.
    private const float LeastWeight = -1e9f;

    /// <summary>The free text in a file; none in PyTorch's own format.</summary>
    /// <exception cref="InvalidDataException">It is neither format, or damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        Require(path);
        return PyTorchFile.Is(path) ? new Dictionary<string, string>() : Safetensors.ReadMetadata(path);
    }

    /// <summary>
    /// Reads tensor by tensor: first shows all shapes, then each tensor, in a dispose scope of its own.
    /// </summary>
    internal static (IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Skipped) Read(
        string path, Action<IReadOnlyDictionary<string, long[]>> onShapes, Action<string, Tensor> onTensor)
    {
        Require(path);
        if (!PyTorchFile.Is(path))
            return (Safetensors.Read(path, onShapes, onTensor), []);

        using var file = new PyTorchFile(path);
        onShapes(file.Tensors.ToDictionary(t => t.Key, t => t.Value.Shape));
        foreach (string name in file.Tensors.Keys)
        {
            using DisposeScope scope = NewDisposeScope();
            onTensor(name, file.Read(name));
        }

        return (new Dictionary<string, string>(), file.Skipped);
    }

    /// <summary>
    /// Copies a file's tensors into a model's, once every byte was read and found good; until then the model stays as
    /// it was.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="targets">The model's, by name.</param>
    /// <param name="match">From all shapes in the file, the model's name for the file's; it may refuse the file. What
    /// it leaves out is not looked at, and what names no target is not copied.</param>
    internal static (IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Skipped) Copy(string path,
        Dictionary<string, Tensor> targets,
        Func<IReadOnlyDictionary<string, long[]>, IReadOnlyDictionary<string, string>> match)
    {
        IReadOnlyDictionary<string, string> names = new Dictionary<string, string>();
        var notFinite = new List<string>();
        Read(path, shapes => names = match(shapes), (name, tensor) =>
        {
            if (names.TryGetValue(name, out string? own) && !IsFinite(tensor, targets.GetValueOrDefault(own)))
                notFinite.Add(name);
        });
        RequireFinite(path, notFinite);

        using IDisposable noGradient = no_grad();
        return Read(path, _ => { }, (name, tensor) =>
        {
            if (names.TryGetValue(name, out string? own) && targets.TryGetValue(own, out Tensor? target))
                target.copy_(tensor);
        });
    }

    /// <param name="tensor">The values that were read.</param>
    /// <param name="own">The model's: where it forbids a pair of tokens, older files hold minus infinity for
    /// good.</param>
    internal static bool IsFinite(Tensor tensor, Tensor? own = null) =>
        !tensor.is_floating_point() || tensor.isfinite().all().ToBoolean()
        || (own is not null && (tensor.isfinite() | own.cpu().le(LeastWeight)).all().ToBoolean());

    /// <summary>A network with such weights gives no mask at all, and says nothing.</summary>
    internal static void RequireFinite(string path, IEnumerable<string> notFinite)
    {
        string[] names = [.. notFinite];
        if (names.Length == 0)
            return;
        throw new InvalidDataException(
            $"{path} has NaN or infinite values in {names.Length} {(names.Length == 1 ? "entry" : "entries")}: "
                + $"{NameList.Of(names)}. Its training diverged; train again with a lower learning rate, or use an "
                + "earlier checkpoint.");
    }

    internal static InvalidDataException NoTensors(string path) => new($"{path} contains no tensors.");

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
