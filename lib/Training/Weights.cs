using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// A model's weights and running statistics as a safetensors file, by name. Files that PyTorch code wrote with the
/// same names load as well.
/// </summary>
public static class Weights
{
    private const string ModelKey = "model";
    private const string ParallelPrefix = "module.";
    private const string BatchCount = ".num_batches_tracked";

    /// <summary>Writes all weights and running statistics, in a single step; see <see cref="Safetensors.Write"/>.</summary>
    /// <param name="model">The model; its name goes into the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Free text by key, or null.</param>
    public static void Save(SegmentationModel model, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var text = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>()) { [ModelKey] = model.GetName() };
        Safetensors.Write(path, model.state_dict(), text);
    }

    /// <summary>
    /// Sets a model's weights by name. The prefix <c>module.</c> (from training on several GPUs) is dropped; counts of
    /// batches may be there or not; what the released code saves without using it is skipped and named. Anything else
    /// that is missing, extra or of another shape is an error that lists it, and leaves the model as it was.
    /// </summary>
    /// <exception cref="InvalidDataException">The file does not fit the model, or is damaged.</exception>
    public static WeightsReport Load(SegmentationModel model, string path)
    {
        Dictionary<string, Tensor> targets = model.state_dict();
        var loaded = new List<string>();
        var skipped = new List<string>();

        using var _ = no_grad();
        IReadOnlyDictionary<string, string> metadata = Safetensors.Read(
            path,
            shapes => RequireFit(model, targets, shapes, path),
            (fullName, tensor) =>
            {
                string name = WithoutPrefix(fullName);
                if (targets.TryGetValue(name, out Tensor? target))
                {
                    target.copy_(tensor);
                    loaded.Add(name);
                }
                else
                {
                    skipped.Add(name);
                }
            });
        return new WeightsReport(loaded, skipped, metadata);
    }

    private static void RequireFit(SegmentationModel model, Dictionary<string, Tensor> targets, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        var found = new Dictionary<string, long[]>();
        foreach ((string fullName, long[] shape) in shapes)
        {
            if (!found.TryAdd(WithoutPrefix(fullName), shape))
                throw new InvalidDataException($"{path} holds {WithoutPrefix(fullName)} twice, with and without the prefix {ParallelPrefix}; convert the checkpoint again and write each entry once");
        }

        string[] missing = [.. targets.Keys.Where(name => !found.ContainsKey(name) && !name.EndsWith(BatchCount, StringComparison.Ordinal))];
        string[] extra = [.. found.Keys.Where(name => !targets.ContainsKey(name) && !model.IsUnused(name))];
        string[] reshaped = [.. found
            .Where(entry => targets.TryGetValue(entry.Key, out Tensor? target) && !target.shape.SequenceEqual(entry.Value))
            .Select(entry => $"{entry.Key} ({string.Join(", ", entry.Value)}), the model has ({string.Join(", ", targets[entry.Key].shape)})")];
        if (missing.Length + extra.Length + reshaped.Length == 0)
            return;

        bool isAnotherModel = missing.Length > targets.Count / 2;
        string cause = isAnotherModel
            ? $"{path} is a checkpoint of another model, not of {model.GetName()}"
            : $"{path} does not fit this {model.GetName()}; make the model with the settings that the checkpoint was trained with";
        throw new InvalidDataException(cause + "." + Listed("Missing", missing) + Listed("Extra", extra) + Listed("Of another shape", reshaped));
    }

    private static string Listed(string title, string[] names) => names.Length == 0 ? "" : $"\n{title} ({names.Length}): {string.Join(", ", names)}";

    private static string WithoutPrefix(string name) => name.StartsWith(ParallelPrefix, StringComparison.Ordinal) ? name[ParallelPrefix.Length..] : name;
}
