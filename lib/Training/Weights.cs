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
    /// Sets a model's weights by name. A wrapper's prefix, such as <c>module.</c> or <c>model._orig_mod.</c>, is
    /// dropped; counts of batches may be there or not; what the released code saves without using it is skipped and
    /// named. Anything else that is missing, extra, of another shape, NaN or infinite is an error that lists it, and
    /// leaves the model as it was.
    /// </summary>
    /// <exception cref="InvalidDataException">The file does not fit the model, or is damaged.</exception>
    public static WeightsReport Load(SegmentationModel model, string path)
    {
        using TensorFile file = WeightsFile.Read(path);
        WeightNames names = WeightNames.Match(file.Tensors, model.state_dict(), isPart: false);
        RequireFit(model, names, path);
        WeightsFile.Copy(path, file, file.Tensors.Keys.ToDictionary(name => name, names.Target));
        ILookup<bool, string> isLoaded = file.Tensors.Keys.Select(names.Renamed).ToLookup(names.Own.ContainsKey);
        return new WeightsReport([.. isLoaded[true]], [.. isLoaded[false]], file.Metadata)
        {
            Beside = file.Skipped,
            Prefixes = names.Dropped.Length > 0 ? [names.Dropped] : [],
        };
    }

    private static void RequireFit(SegmentationModel model, WeightNames names, string path)
    {
        names.RequireOnce(path);
        string[] found = [.. names.File.Keys.Select(names.Renamed)];
        string[] missing = [.. names.Own.Keys.Except(found).Where(name => !WeightNames.IsCount(name))];
        string[] extra = [.. found.Where(name => !names.Own.ContainsKey(name) && !model.IsUnused(name))];
        string[] reshaped = [.. names.Reshaped];
        if (missing.Length + extra.Length + reshaped.Length == 0)
            return;

        string cause = missing.Length > names.Own.Count / 2
            ? $"{path} is a checkpoint of another model, not of {model.GetName()}"
            : $"{path} does not fit this {model.GetName()}; build the model with the settings that the checkpoint was "
                + "trained with (--scale on the command line)";
        throw new InvalidDataException(cause + "." + WeightsFile.Listed("\nMissing", missing)
            + WeightsFile.Listed("\nExtra", extra) + WeightsFile.Listed("\nOf a different shape", reshaped));
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
    public string Note => string.Concat(
        WeightsFile.Listed("\nnote: skipped because they are not weights", Beside),
        WeightsFile.Listed("\nnote: prefixes dropped from the names", Prefixes),
        WeightsFile.Listed("\nnote: entries that the released code saves but never uses are skipped", Skipped)).Trim();
}
