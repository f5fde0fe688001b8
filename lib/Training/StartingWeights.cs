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
    private const string BatchCount = ".num_batches_tracked";

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
        Dictionary<string, Tensor> targets = model.state_dict();
        IReadOnlyDictionary<string, long[]> file = new Dictionary<string, long[]>();
        (string Dropped, string Added) prefixes = ("", "");
        var fitting = new Dictionary<string, string>(); // the file's name to the network's
        WeightsFile.Copy(path, targets, shapes =>
        {
            file = shapes;
            prefixes = BestPrefixes(shapes, targets);
            foreach ((string name, long[] shape) in shapes)
            {
                if (Renamed(name, prefixes) is string own && Fits(targets, own, shape))
                    fitting[name] = own;
            }

            RequireSome(model, path, fitting.Count, shapes, targets);
            return fitting;
        });

        HashSet<string> taken = [.. fitting.Values];
        string[] left = [.. file.Keys.Where(name => !fitting.ContainsKey(name))];
        string[] reshaped = [.. left.Where(name => Target(name) is not null)];
        return new StartingWeights(
            path,
            [.. targets.Keys.Where(taken.Contains)],
            [.. reshaped
                .Select(name => $"{Renamed(name, prefixes)} ({Text(file[name])}, here {Text(Target(name)!.shape)})")],
            [.. left.Except(reshaped)],
            [.. targets.Keys.Where(name => !taken.Contains(name) && !IsCount(name))]) { Prefixes = prefixes };

        Tensor? Target(string name) => Renamed(name, prefixes) is string own ? targets.GetValueOrDefault(own) : null;
    }

    /// <summary>What was taken and what was not, a few lines.</summary>
    /// <param name="most">How many names are listed of each kind.</param>
    public string ToText(int most = 10)
    {
        string[] prefixes =
        [
            .. Prefixes.Dropped.Length > 0 ? [$"{Prefixes.Dropped} dropped from"] : Array.Empty<string>(),
            .. Prefixes.Added.Length > 0 ? [$"{Prefixes.Added} put before"] : Array.Empty<string>(),
        ];
        int all = Taken.Count(name => !IsCount(name)) + AtRandom.Count;
        return $"starts from {Path}: {Taken.Count(name => !IsCount(name))} of the network's {all} entries are loaded"
            + (prefixes.Length > 0 ? $", {string.Join(" and ", prefixes)} the file's names" : "") + "."
            + (2 * AtRandom.Count > all ? $" Most of them ({AtRandom.Count}) start at random." : "")
            + Listed("not loaded, because of their shape", Reshaped)
            + Listed("not loaded, because this network lacks them", NotUsed)
            + Listed(
                "random, because the file lacks them",
                AtRandom.Except(Reshaped.Select(name => name[..name.IndexOf(' ')])));

        string Listed(string what, IEnumerable<string> names)
        {
            string[] listed = [.. names];
            string more = listed.Length > most ? $" and {listed.Length - most} more" : "";
            return listed.Length == 0 ? ""
                : $"\n  {what} ({listed.Length}): {string.Join(", ", listed.Take(most))}{more}";
        }
    }

    /// <summary>The prefixes to drop and to add under which most entries fit, the shortest of equals.</summary>
    private static (string Dropped, string Added) BestPrefixes(
        IReadOnlyDictionary<string, long[]> file, Dictionary<string, Tensor> targets)
    {
        string[] toDrop = [.. PrefixesOf([.. file.Keys])], toAdd = [.. PrefixesOf(targets.Keys)];
        return (
            from dropped in toDrop
            from added in toAdd
            let fit = file.Count(entry =>
                !IsCount(entry.Key) && Renamed(entry.Key, (dropped, added)) is string own
                    && Fits(targets, own, entry.Value))
            orderby fit descending, dropped.Length + added.Length
            select (dropped, added)).First();
    }

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

    private static bool Fits(Dictionary<string, Tensor> targets, string name, long[] shape) =>
        targets.TryGetValue(name, out Tensor? target) && target.shape.SequenceEqual(shape);

    private static void RequireSome(SegmentationModel model, string path, int fitting,
        IReadOnlyDictionary<string, long[]> file, Dictionary<string, Tensor> targets)
    {
        if (fitting > 0 && fitting >= LeastShare * Math.Min(file.Count, targets.Count))
            return;
        if (file.Count == 0)
            throw WeightsFile.NoTensors(path);
        throw new InvalidDataException(
            $"{path} does not fit {model.GetName()}: of its {file.Count} entries {fitting} have a name and shape of "
            + "this network.\n"
            + $"In the file: {NameList.Of([.. file.Keys])}\nIn the network: {NameList.Of(targets.Keys)}\n"
            + "Choose weights of this method and size, or of its encoder.");
    }

    private static bool IsCount(string name) => name.EndsWith(BatchCount, StringComparison.Ordinal);

    private static string Text(IEnumerable<long> shape) => string.Join(" x ", shape);
}
