using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// A model's weights and running statistics as a file, by name: safetensors, or PyTorch's own .pt, .pth and .pth.tar,
/// which are read without running anything in them.
/// </summary>
public static class Weights
{
    private const string ModelKey = "model";
    private const string BatchCount = ".num_batches_tracked";

    // Put before every name by training on several GPUs, torch.compile, Lightning and alike.
    private static readonly string[] Prefixes = ["module.", "_orig_mod.", "model.", "state_dict."];

    /// <summary>
    /// Writes all weights and running statistics, in a single step; see <see cref="Safetensors.Write"/>.
    /// </summary>
    /// <param name="model">The model; its name goes into the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Free text by key, or null.</param>
    public static void Save(SegmentationModel model, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var text = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>())
        { [ModelKey] = model.GetName() };
        Safetensors.Write(path, model.state_dict(), text);
    }

    /// <summary>
    /// Sets a model's weights by name. Prefixes of wrappers (<c>module.</c>, <c>_orig_mod.</c>, <c>model.</c>,
    /// <c>state_dict.</c>, in any order) are dropped where the rest then fits; counts of batches may be there or not;
    /// what the released code saves without using it is skipped and named. Anything else that is missing, extra, of
    /// another shape, NaN or infinite is an error that lists it, and leaves the model as it was.
    /// </summary>
    /// <exception cref="InvalidDataException">The file does not fit the model, or is damaged.</exception>
    public static WeightsReport Load(SegmentationModel model, string path)
    {
        Dictionary<string, Tensor> targets = model.state_dict();
        var names = new Dictionary<string, string>();
        (IReadOnlyDictionary<string, string> metadata, IReadOnlyList<string> beside) = WeightsFile.Copy(
            path, targets, shapes =>
            {
                names = shapes.Keys.ToDictionary(name => name, name => WithoutPrefixes(name, model, targets));
                RequireFit(model, targets, shapes, names, path);
                return names;
            });
        string[] loaded = [.. names.Values.Where(targets.ContainsKey)];
        string[] skipped = [.. names.Values.Where(name => !targets.ContainsKey(name))];
        string[] prefixes = [.. names.Where(n => n.Key != n.Value).Select(n => n.Key[..^n.Value.Length]).Distinct()];
        return new WeightsReport(loaded, skipped, metadata) { Beside = beside, Prefixes = prefixes };
    }

    private static void RequireFit(SegmentationModel model, Dictionary<string, Tensor> targets,
        IReadOnlyDictionary<string, long[]> shapes, Dictionary<string, string> names, string path)
    {
        if (shapes.Count == 0)
            throw WeightsFile.NoTensors(path);
        var found = new Dictionary<string, long[]>();
        foreach ((string fullName, long[] shape) in shapes)
        {
            if (!found.TryAdd(names[fullName], shape))
                throw new InvalidDataException(
                    $"{path} contains {names[fullName]} twice, with and without a prefix such as {Prefixes[0]}; save "
                        + "the checkpoint again with each entry once.");
        }

        string[] missing = [.. targets.Keys.Where(name =>
            !found.ContainsKey(name) && !name.EndsWith(BatchCount, StringComparison.Ordinal))];
        string[] extra = [.. found.Keys.Where(name => !targets.ContainsKey(name) && !model.IsUnused(name))];
        string[] reshaped = [.. found.Where(
                entry => targets.TryGetValue(entry.Key, out Tensor? target) && !target.shape.SequenceEqual(entry.Value))
            .Select(entry => $"{entry.Key} ({string.Join(", ", entry.Value)}), the model has "
                + $"({string.Join(", ", targets[entry.Key].shape)})")];
        if (missing.Length + extra.Length + reshaped.Length == 0)
            return;

        bool isAnotherModel = missing.Length > targets.Count / 2;
        string cause = isAnotherModel
            ? $"{path} is a checkpoint of another model, not of {model.GetName()}"
            : $"{path} does not fit this {model.GetName()}; build the model with the settings that the checkpoint was "
                + "trained with (--scale on the command line)";
        throw new InvalidDataException(
            cause + "." + Listed("Missing", missing) + Listed("Extra", extra) + Listed(
                "Of a different shape", reshaped));
    }

    private static string Listed(string title, string[] names) =>
        names.Length == 0 ? "" : $"\n{title} ({names.Length}): {NameList.Of(names)}";

    /// <summary>The name that fits the model once prefixes are dropped; as it is where none does.</summary>
    private static string WithoutPrefixes(string fullName, SegmentationModel model, Dictionary<string, Tensor> targets)
    {
        string name = fullName;
        while (!targets.ContainsKey(name) && !model.IsUnused(name))
        {
            if (Prefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal)) is not string prefix)
                return fullName;
            name = name[prefix.Length..];
        }

        return name;
    }
}

/// <summary>Lists of names in messages.</summary>
internal static class NameList
{
    private const int Most = 10;

    /// <summary>The first ten names, and how many follow.</summary>
    public static string Of(IReadOnlyCollection<string> names) => names.Count <= Most
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Most))} and {names.Count - Most} more";
}

/// <summary>What loading a checkpoint did.</summary>
/// <param name="Loaded">The model's entries that were set, in the file's order.</param>
/// <param name="Skipped">
/// Entries of the file, under their names without prefixes, that the released code saves and no model uses.
/// </param>
/// <param name="Metadata">The file's free text.</param>
public sealed record WeightsReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Skipped, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>What a PyTorch file holds beside the weights, such as epoch and optimizer.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>Prefixes that were dropped from names, such as <c>module.</c>.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = [];

    /// <summary>What was skipped or dropped, a line each; empty if nothing was.</summary>
    public string Note => string.Join('\n', new[]
    {
        Line("skipped because they are not weights", Beside),
        Line("prefixes dropped from the names", Prefixes),
        Line("entries that the released code saves but never uses are skipped", Skipped),
    }.Where(line => line.Length > 0));

    private static string Line(string what, IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $"note: {what} ({names.Count}): {NameList.Of(names)}";
}
