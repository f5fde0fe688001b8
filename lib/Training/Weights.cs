using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// A model's weights and running statistics as a file, by name: safetensors, or another format that
/// <see cref="WeightsFile.OtherFormat"/> reads.
/// </summary>
public static class Weights
{
    private const string ModelKey = "model";

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
        using TensorFile file = WeightsFile.Read(path);
        Dictionary<string, Tensor> targets = model.state_dict();
        Dictionary<string, string> names = file.Tensors.Keys.ToDictionary(
            name => name, name => WithoutPrefixes(name, model, targets));
        RequireFit(model, targets, file, names, path);
        WeightsFile.Copy(path, file, names.ToDictionary(n => n.Key, n => targets.GetValueOrDefault(n.Value)));
        ILookup<bool, string> isLoaded = names.Values.ToLookup(targets.ContainsKey);
        return new WeightsReport([.. isLoaded[true]], [.. isLoaded[false]], file.Metadata)
        {
            Beside = file.Skipped,
            Prefixes = [.. names.Where(n => n.Key != n.Value).Select(n => n.Key[..^n.Value.Length]).Distinct()],
        };
    }

    /// <summary>Whether an entry counts the batches that a norm has seen, which files may lack.</summary>
    internal static bool IsCount(string name) => name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    private static void RequireFit(SegmentationModel model, Dictionary<string, Tensor> targets, TensorFile file,
        Dictionary<string, string> names, string path)
    {
        if (names.Values.CountBy(name => name).FirstOrDefault(count => count.Value > 1).Key is string doubled)
            throw new InvalidDataException(
                $"{path} contains {doubled} twice, with and without a prefix such as {Prefixes[0]}; save the "
                    + "checkpoint again with each entry once.");

        string[] missing = [.. targets.Keys.Except(names.Values).Where(name => !IsCount(name))];
        string[] extra = [.. names.Values.Where(name => !targets.ContainsKey(name) && !model.IsUnused(name))];
        string[] reshaped = [..
            from name in names
            let shape = file.Tensors[name.Key].shape
            where targets.TryGetValue(name.Value, out Tensor? target) && !target.shape.SequenceEqual(shape)
            select $"{name.Value} ({string.Join(", ", shape)}), the model has "
                + $"({string.Join(", ", targets[name.Value].shape)})"];
        if (missing.Length + extra.Length + reshaped.Length == 0)
            return;

        string cause = missing.Length > targets.Count / 2
            ? $"{path} is a checkpoint of another model, not of {model.GetName()}"
            : $"{path} does not fit this {model.GetName()}; build the model with the settings that the checkpoint was "
                + "trained with (--scale on the command line)";
        throw new InvalidDataException(
            cause + "." + Listed("Missing", missing) + Listed("Extra", extra)
                + Listed("Of a different shape", reshaped));

        static string Listed(string title, string[] names) =>
            names.Length == 0 ? "" : $"\n{title} ({names.Length}): {WeightsFile.Names(names)}";
    }

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
        names.Count == 0 ? "" : $"note: {what} ({names.Count}): {WeightsFile.Names(names)}";
}
