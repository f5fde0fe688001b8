using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// What a new training took from the weights of another: entries of equal name and shape. Where the names differ by
/// what stands before them, as those of a published encoder and of the network that holds it, the two prefixes under
/// which most entries fit are found.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Taken">The network's entries that were set.</param>
/// <param name="Reshaped">Entries of equal name and another shape, each with both shapes; they were not taken.</param>
/// <param name="NotUsed">The file's other entries.</param>
/// <param name="AtRandom">The network's entries that the file does not give; they start at random.</param>
public sealed record StartingWeights(string Path, IReadOnlyList<string> Taken, IReadOnlyList<string> Reshaped,
    IReadOnlyList<string> NotUsed, IReadOnlyList<string> AtRandom)
{
    // Below this share of the file and of the network, equal names are chance.
    private const double LeastShare = 0.1;

    /// <summary>What was dropped from the file's names and put before them, such as ("module.", "encoder.").</summary>
    public (string Dropped, string Added) Prefixes { get; private init; } = ("", "");

    /// <summary>Sets what fits in a network and leaves the rest as it is.</summary>
    /// <param name="model">The network, its random weights made.</param>
    /// <param name="path">A safetensors, .pt or .pth file, of this method or of a part of it.</param>
    /// <exception cref="InvalidDataException">Nothing in the file fits, or what fits is NaN or infinite.</exception>
    public static StartingWeights Take(SegmentationModel model, string path)
    {
        using TensorFile file = WeightsFile.Read(path);
        Dictionary<string, Tensor> targets = model.state_dict();
        (string Dropped, string Added) prefixes = BestPrefixes(file, targets);
        Dictionary<string, string> fitting = file.Tensors.Where(entry => Fits(targets, entry, prefixes))
            .ToDictionary(entry => entry.Key, entry => Renamed(entry.Key, prefixes)!); // the file's name, the network's
        if (fitting.Count == 0 || fitting.Count < LeastShare * Math.Min(file.Tensors.Count, targets.Count))
            throw new InvalidDataException(
                $"{path} does not fit {model.GetName()}: of its {file.Tensors.Count} entries {fitting.Count} have a "
                + "name and shape of this network.\n"
                + $"In the file: {WeightsFile.Names([.. file.Tensors.Keys])}\n"
                + $"In the network: {WeightsFile.Names(targets.Keys)}\n"
                + "Choose weights of this method and size, or of its encoder.");
        WeightsFile.Copy(path, file, fitting.ToDictionary(n => n.Key, n => targets.GetValueOrDefault(n.Value)));

        HashSet<string> taken = [.. fitting.Values];
        ILookup<bool, string> left = file.Tensors.Keys.Where(name => !fitting.ContainsKey(name))
            .ToLookup(name => Renamed(name, prefixes) is string own && targets.ContainsKey(own));
        return new StartingWeights(
            path,
            [.. targets.Keys.Where(taken.Contains)],
            [.. from name in left[true]
                let own = Renamed(name, prefixes)!
                select $"{own} ({Text(file.Tensors[name])}, here {Text(targets[own])})"],
            [.. left[false]],
            [.. targets.Keys.Where(name => !taken.Contains(name) && !Weights.IsCount(name))]) { Prefixes = prefixes };
    }

    /// <summary>What was taken and what was not, a few lines.</summary>
    /// <param name="most">How many names are listed of each kind.</param>
    public string ToText(int most = 10)
    {
        string prefixes = string.Join(" and ", new[]
        {
            Prefixes.Dropped.Length > 0 ? $"{Prefixes.Dropped} dropped from" : "",
            Prefixes.Added.Length > 0 ? $"{Prefixes.Added} put before" : "",
        }.Where(said => said.Length > 0));
        int own = Taken.Count(name => !Weights.IsCount(name)), all = own + AtRandom.Count;
        return $"starts from {Path}: {own} of the network's {all} entries are loaded"
            + (prefixes.Length > 0 ? $", {prefixes} the file's names" : "") + "."
            + (2 * AtRandom.Count > all ? $" Most of them ({AtRandom.Count}) start at random." : "")
            + Listed("not loaded, because of their shape", Reshaped)
            + Listed("not loaded, because this network lacks them", NotUsed)
            + Listed(
                "random, because the file lacks them",
                [.. AtRandom.Except(Reshaped.Select(name => name[..name.IndexOf(' ')]))]);

        string Listed(string what, IReadOnlyList<string> names) =>
            names.Count == 0 ? "" : $"\n  {what} ({names.Count}): {WeightsFile.Names(names, most)}";
    }

    /// <summary>The prefixes to drop and to add under which most entries fit, the shortest of equals.</summary>
    private static (string Dropped, string Added) BestPrefixes(TensorFile file, Dictionary<string, Tensor> targets) => (
        from dropped in PrefixesOf([.. file.Tensors.Keys])
        from added in PrefixesOf(targets.Keys)
        let fit = file.Tensors.Count(entry => !Weights.IsCount(entry.Key) && Fits(targets, entry, (dropped, added)))
        orderby fit descending, dropped.Length + added.Length
        select (dropped, added)).First();

    /// <summary>No prefix, and each that a tenth of the names has.</summary>
    private static IEnumerable<string> PrefixesOf(IReadOnlyCollection<string> names) => names
        .SelectMany(name => Enumerable.Range(0, name.Length).Where(i => name[i] == '.').Select(i => name[..(i + 1)]))
        .CountBy(prefix => prefix)
        .Where(prefix => prefix.Value >= LeastShare * names.Count)
        .Select(prefix => prefix.Key)
        .Prepend("");

    private static string? Renamed(string name, (string Dropped, string Added) prefixes) =>
        name.StartsWith(prefixes.Dropped, StringComparison.Ordinal)
            ? prefixes.Added + name[prefixes.Dropped.Length..] : null;

    private static bool Fits(Dictionary<string, Tensor> targets, KeyValuePair<string, Tensor> entry,
        (string Dropped, string Added) prefixes) =>
        Renamed(entry.Key, prefixes) is string name && targets.TryGetValue(name, out Tensor? target)
            && target.shape.SequenceEqual(entry.Value.shape);

    private static string Text(Tensor tensor) => string.Join(" x ", tensor.shape);
}
