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
    /// <summary>What was dropped from the file's names and put before them, such as ("module.", "encoder.").</summary>
    public (string Dropped, string Added) Prefixes { get; private init; } = ("", "");

    /// <summary>Sets what fits in a network and leaves the rest as it is.</summary>
    /// <param name="model">The network, its random weights made.</param>
    /// <param name="path">A safetensors, .pt or .pth file, of this method or of a part of it.</param>
    /// <exception cref="InvalidDataException">Nothing in the file fits, or what fits is NaN or infinite.</exception>
    public static StartingWeights Take(SegmentationModel model, string path)
    {
        using TensorFile file = WeightsFile.Read(path);
        WeightNames names = WeightNames.Match(file.Tensors, model.state_dict(), isPart: true);
        names.RequireOnce(path);
        Dictionary<string, Tensor?> fitting = file.Tensors.Keys.Where(names.Fits)
            .ToDictionary(name => name, name => names.Target(name));
        if (fitting.Count == 0 || fitting.Count < WeightNames.LeastShare * Math.Min(names.File.Count, names.Own.Count))
            throw new InvalidDataException(
                $"{path} does not fit {model.GetName()}: of its {names.File.Count} entries {fitting.Count} have a "
                + "name and shape of this network.\n"
                + $"In the file: {WeightsFile.Names([.. names.File.Keys])}\n"
                + $"In the network: {WeightsFile.Names([.. names.Own.Keys])}\n"
                + "Choose weights of this method and size, or of its encoder.");
        WeightsFile.Copy(path, file, fitting);

        HashSet<string> taken = [.. fitting.Keys.Select(names.Renamed)];
        return new StartingWeights(
            path, [.. names.Own.Keys.Where(taken.Contains)], [.. names.Reshaped],
            [.. names.File.Keys.Where(name => names.Target(name) is null)],
            [.. names.Own.Keys.Where(name => !taken.Contains(name) && !WeightNames.IsCount(name))])
        { Prefixes = (names.Dropped, names.Added) };
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
        int own = Taken.Count(name => !WeightNames.IsCount(name)), all = own + AtRandom.Count;
        return $"starts from {Path}: {own} of the network's {all} entries are loaded"
            + (prefixes.Length > 0 ? $", {prefixes} the file's names" : "") + "."
            + (2 * AtRandom.Count > all ? $" Most of them ({AtRandom.Count}) start at random." : "")
            + WeightsFile.Listed("\n  not loaded, because of their shape", Reshaped, most)
            + WeightsFile.Listed("\n  not loaded, because this network lacks them", NotUsed, most)
            + WeightsFile.Listed(
                "\n  random, because the file lacks them",
                [.. AtRandom.Except(Reshaped.Select(name => name[..name.IndexOf(' ')]))], most);
    }
}

/// <summary>Which entry of a file is which of a network: equal names once a prefix is exchanged.</summary>
/// <param name="File">What the file holds.</param>
/// <param name="Own">The network's entries.</param>
/// <param name="Dropped">What is dropped from the file's names; a name without it stays.</param>
/// <param name="Added">What is then put before them.</param>
internal sealed record WeightNames(
    IReadOnlyDictionary<string, Tensor> File, Dictionary<string, Tensor> Own, string Dropped, string Added)
{
    /// <summary>Below this share of the file and of the network, equal names are chance.</summary>
    public const double LeastShare = 0.1;

    /// <summary>Entries of equal name and another shape, each with both shapes.</summary>
    public IEnumerable<string> Reshaped =>
        from name in File.Keys
        where Target(name) is not null && !Fits(name)
        select $"{Renamed(name)} ({Text(File[name])}), the model has ({Text(Target(name)!)})";

    /// <summary>
    /// Takes the prefixes under which most entries fit, the shortest of equals: those of training on several GPUs,
    /// torch.compile, Lightning and alike.
    /// </summary>
    /// <param name="file">What the file holds.</param>
    /// <param name="own">The network's entries.</param>
    /// <param name="isPart">Whether the file may be of a part of the network.</param>
    public static WeightNames Match(
        IReadOnlyDictionary<string, Tensor> file, Dictionary<string, Tensor> own, bool isPart) => (
        from dropped in PrefixesOf([.. file.Keys])
        from added in isPart ? PrefixesOf(own.Keys) : [""]
        let names = new WeightNames(file, own, dropped, added)
        orderby file.Keys.Count(name => !IsCount(name) && names.Fits(name)) descending, dropped.Length + added.Length
        select names).First();

    /// <summary>Whether an entry counts the batches that a norm has seen, which files may lack.</summary>
    public static bool IsCount(string name) => name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    /// <summary>The network's name for a file's.</summary>
    public string Renamed(string name) =>
        name.StartsWith(Dropped, StringComparison.Ordinal) ? Added + name[Dropped.Length..] : name;

    /// <summary>The network's own entry; null where it has none.</summary>
    public Tensor? Target(string name) => Own.GetValueOrDefault(Renamed(name));

    /// <exception cref="InvalidDataException">Two of the file's entries are one of the network's.</exception>
    public void RequireOnce(string path)
    {
        if (File.Keys.Select(Renamed).Where(Own.ContainsKey).CountBy(name => name)
            .FirstOrDefault(count => count.Value > 1).Key is string doubled)
            throw new InvalidDataException($"{path} contains {doubled} twice, with and without the prefix {Dropped}; "
                + "save the checkpoint again with each entry once.");
    }

    public bool Fits(string name) => Target(name)?.shape.SequenceEqual(File[name].shape) == true;

    /// <summary>No prefix, and each that a tenth of the names has.</summary>
    private static IEnumerable<string> PrefixesOf(IReadOnlyCollection<string> names) => names
        .SelectMany(name => Enumerable.Range(0, name.Length).Where(i => name[i] == '.').Select(i => name[..(i + 1)]))
        .CountBy(prefix => prefix)
        .Where(prefix => prefix.Value >= LeastShare * names.Count)
        .Select(prefix => prefix.Key)
        .Prepend("");

    private static string Text(Tensor tensor) => string.Join(", ", tensor.shape);
}
