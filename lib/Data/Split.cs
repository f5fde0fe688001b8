using System.Text.Encodings.Web;
using System.Text.Json;
using C2FVL.Platform;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>
/// Which cases train, which choose the best epoch, and which are scored. Ids stand in ordinal order, and a draw
/// orders ids by a number derived from the seed and the id, so the same cases and seed give the same split on every
/// machine.
/// </summary>
/// <param name="Name">What made it, for tables and runs.</param>
/// <param name="Train">Case ids of the training part.</param>
/// <param name="Val">Case ids of the validation part.</param>
/// <param name="Test">Case ids of the test part.</param>
public sealed record Split(
    string Name, IReadOnlyList<string> Train, IReadOnlyList<string> Val, IReadOnlyList<string> Test)
{
    private const int MostListed = 10;

    private static readonly JsonSerializerOptions Json = new(JsonFormat.File)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private IEnumerable<string> All => [.. Train, .. Val, .. Test];

    /// <summary>The case ids of a part.</summary>
    public IReadOnlyList<string> this[Part part] => part == Part.Train ? Train : part == Part.Val ? Val : Test;

    /// <summary>The parts that the folder itself gives.</summary>
    /// <exception cref="InvalidDataException">A case is in no part.</exception>
    public static Split AsGiven(Dataset dataset)
    {
        RequireGivenParts(dataset);
        return new Split($"{dataset.Name} as given", Given(Part.Train), Given(Part.Val), Given(Part.Test));

        string[] Given(Part part) => SortedIds(dataset.Cases.Where(c => c.GivenPart == part));
    }

    /// <summary>
    /// The paper's split of QaTa-COV19: the test part as the folder gives it, all other cases 4:1 into training and
    /// validation.
    /// </summary>
    /// <param name="dataset">A data set that gives a test part.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="byPatient">Whether a patient's images stay together.</param>
    /// <exception cref="InvalidDataException">A case is in no part; or, by patient, the given test part shares a
    /// patient with the rest.</exception>
    public static Split QaTa4To1(Dataset dataset, int seed, bool byPatient = false)
    {
        RequireGivenParts(dataset);
        ILookup<bool, Case> isTest = dataset.Cases.ToLookup(c => c.GivenPart == Part.Test);
        Split drawn = Drawn(dataset, isTest[false], new SplitRatio(4, 1, 0), seed, byPatient);
        if (byPatient)
            RequireNone(isTest[false].Select(c => c.Group).Intersect(isTest[true].Select(c => c.Group)).Order(),
                dataset.Root, "patient", "in the given test set and in the training set",
                "Use Split.ByRatio, which draws its own test set.");
        return drawn with { Name = NameOf(dataset, "4:1", byPatient, seed), Test = SortedIds(isTest[true]) };
    }

    /// <summary>
    /// The paper's split of MosMedData+: 8:1:1 within each of the four sources, which the prefix of a file name tells
    /// (bjorke, Jun_coronacases, Jun_radiopaedia, Morozov_study).
    /// </summary>
    /// <param name="dataset">The slices.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="byPatient">Whether a patient's slices stay together; sizes are then as near to 8:1:1 as that
    /// allows.</param>
    /// <exception cref="InvalidDataException">A file name has none of the four prefixes.</exception>
    public static Split MosMed8To1To1(Dataset dataset, int seed, bool byPatient = false)
    {
        RequireNone(dataset.Cases.Select(c => c.Id).Where(id => DataSets.MosMedSource(id) is null), dataset.Root,
            "name", $"without one of the prefixes {string.Join(", ", DataSets.MosMedSources)}",
            $"Use the file names of {DataSets.MosMed}, or Split.ByRatio for another data set.");
        return Drawn(dataset, dataset.Cases, new SplitRatio(8, 1, 1), seed, byPatient,
            c => DataSets.MosMedSource(c.Id)!);
    }

    /// <summary>Draws all three parts by a ratio, whatever parts the folder gives.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="ratio">The sizes to one another.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="byPatient">Whether a patient's images stay together; sizes are then as near as that allows.</param>
    /// <exception cref="InvalidDataException">By patient, but no case has a known patient.</exception>
    public static Split ByRatio(Dataset dataset, SplitRatio ratio, int seed, bool byPatient = false) =>
        Drawn(dataset, dataset.Cases, ratio, seed, byPatient);

    /// <summary>
    /// One fold of a cross-validation over the training and validation set, no patient in two folds. Where the split
    /// has a test set, that stays, and the fold is the validation set. Where it has none, the fold is the test set, so
    /// that over all folds each case is tested once, and the next fold is the validation set.
    /// </summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="fold">Which fold, 1 to <paramref name="folds"/>.</param>
    /// <param name="folds">How many, 2 or more; without a test set 3 or more.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <exception cref="ArgumentException">There is no such fold.</exception>
    /// <exception cref="InvalidDataException">There are fewer patients than folds.</exception>
    public Split Fold(Dataset dataset, int fold, int folds, int seed)
    {
        bool hasTest = Test.Count > 0;
        if (folds < (hasTest ? 2 : 3))
            throw new ArgumentException($"The number of folds is {folds}; it must be at least "
                + (hasTest ? "2." : "3, because validation and test take one each."));
        SettingRange.Require(fold >= 1 && fold <= folds, fold, $"from 1 to {folds}", "The fold");
        IEnumerable<Case> pool = Cases(dataset, Part.Train).Concat(Cases(dataset, Part.Val));
        List<Case[]> groups = InDrawOrder(pool.GroupBy(c => c.Group), seed, "folds");
        if (groups.Count < folds)
            throw new InvalidDataException($"{dataset.Root}: {Counted(groups.Count, "patient")} cannot be put in "
                + $"{folds} folds (an image of an unknown patient counts as one). Use fewer folds.");

        List<Case>[] members = [.. Enumerable.Range(0, folds).Select(_ => new List<Case>())];
        foreach (Case[] group in groups.OrderByDescending(g => g.Length)) // stable: of equal sizes in the draw's order
            members.MinBy(own => own.Count)!.AddRange(group);
        int val = hasTest ? fold - 1 : fold % folds;
        IEnumerable<Case> rest = members.Where((_, i) => i != val && i != fold - 1).SelectMany(own => own);
        string patients = dataset.Cases.Any(c => c.Patient is not null) ? " by patient" : "";
        return new Split($"{Name}, fold {fold} of {folds}{patients} (seed {seed})", SortedIds(rest),
            SortedIds(members[val]), hasTest ? Test : SortedIds(members[fold - 1]));
    }

    /// <summary>All cases in the training set, for <see cref="Fold"/> to divide.</summary>
    internal static Split Undivided(Dataset dataset) =>
        new($"{dataset.Name}, all cases", SortedIds(dataset.Cases), [], []);

    /// <summary>
    /// What a split must say of patients: that some are in more than one set, or that they may be because images tell
    /// no patient. Null where known patients do not cross and unknown ones cannot.
    /// </summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="isGiven">Whether the folder gives the sets; then only known patients are spoken of.</param>
    public string? PatientNote(Dataset dataset, bool isGiven = false)
    {
        ILookup<string?, Part> sets = Placed(dataset).ToLookup(p => p.Case.Patient, p => p.Part);
        int unknown = sets[null].Count(), all = sets.Sum(patient => patient.Count());
        int crossing = sets.Count(patient => patient.Key is not null && patient.Distinct().Count() > 1);
        const string Crossing = "images of one patient may be in more than one set.", Cure =
            " Name them with --patient 'PATTERN' or --patients FILE.csv";
        return crossing > 0
            ? $"Images of {Counted(crossing, "patient")} are in more than one set, so the scores are too optimistic."
            : isGiven || unknown == 0 ? null
            : unknown == all ? $"No patient is known, so {Crossing}{Cure}, and split by patient."
            : sets[null].Distinct().Count() == 1 ? null
            : $"{unknown} of {all} cases have no known patient and count as separate patients, so {Crossing}{Cure}.";
    }

    /// <summary>The same split with one part reduced to a seeded draw of its cases.</summary>
    /// <param name="part">The part to reduce.</param>
    /// <param name="count">How many cases stay; all, where the part has no more.</param>
    /// <param name="seed">Decides the draw.</param>
    public Split Subset(Part part, int count, int seed)
    {
        SettingRange.Require(count >= 0, count, "0 or more");
        IReadOnlyList<string> all = this[part];
        if (count >= all.Count)
            return this;

        string[] kept = [.. InDrawOrder(all.GroupBy(id => id), seed, $"subset {part}").Take(count)
            .SelectMany(id => id).Order(StringComparer.Ordinal)];
        return new Split($"{Name}, {count} of {all.Count} {part} (seed {seed})", part == Part.Train ? kept : Train,
            part == Part.Val ? kept : Val, part == Part.Test ? kept : Test);
    }

    /// <summary>The cases of a part, in the part's order.</summary>
    /// <exception cref="InvalidDataException">The data set lacks a case.</exception>
    public IReadOnlyList<Case> Cases(Dataset dataset, Part part)
    {
        RequireIn(dataset, Name);
        Dictionary<string, Case> byId = dataset.Cases.ToDictionary(c => c.Id);
        return [.. this[part].Select(id => byId[id])];
    }

    /// <summary>The cases of all three parts, each with its part.</summary>
    /// <exception cref="InvalidDataException">The data set lacks a case.</exception>
    internal IEnumerable<(Case Case, Part Part)> Placed(Dataset dataset) =>
        Enum.GetValues<Part>().SelectMany(part => Cases(dataset, part), (part, item) => (item, part));

    /// <summary>Writes the split as JSON. The file appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a split for a data set.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote, or one written by hand in the same form.</param>
    /// <param name="dataset">The data set that it splits. It may have more cases than the split.</param>
    /// <exception cref="InvalidDataException">The file is no split, names a case twice, or names one that the data set
    /// lacks.</exception>
    public static Split Load(string path, Dataset dataset)
    {
        Split split = Read(path);
        RequireNone(split.All.CountBy(id => id).Where(n => n.Value > 1).Select(n => n.Key), path, "case",
            "named more than once", "Keep each in one set.");
        split.RequireIn(dataset, path);
        return split;
    }

    /// <summary>Reads a split file as it is, for whatever data set.</summary>
    internal static Split Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Split>(File.ReadAllText(path), Json)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{path}: this is not a split file: {e.Message} It needs name, train, val and test; write it again "
                + "with Split.Save.", e);
        }
    }

    private void RequireIn(Dataset dataset, string source) =>
        RequireNone(All.Except(dataset.Cases.Select(c => c.Id)), source, "case",
            $"not in {dataset.Name} ({dataset.Root})",
            "Use the data set that the split was made for, or make the split again.");

    private static void RequireNone(IEnumerable<string> found, string where, string noun, string what, string cure)
    {
        string[] all = [.. found];
        if (all.Length > 0)
            throw new InvalidDataException(
                $"{where}: {Counted(all.Length, noun)} {what}: {Listed(all, MostListed)}. {cure}");
    }

    private static Split Drawn(Dataset dataset, IEnumerable<Case> cases, SplitRatio ratio, int seed, bool byPatient,
        Func<Case, string>? stratum = null)
    {
        SettingRange.Require(ratio is { Train: >= 0, Val: >= 0, Test: >= 0, All: > 0 }, ratio,
            "three numbers of 0 or more, not all 0", "The ratio of the split");
        if (byPatient && dataset.Cases.Count > 0 && dataset.Cases.All(c => c.Patient is null))
            throw new InvalidDataException($"{dataset.Root}: a split by patient needs patients, but no file name "
                + $"contains one (such as {Path.GetFileName(dataset.Cases[0].ImagePath)}). Name them with --patient "
                + "'PATTERN' (a regular expression with one group over the file name) or --patients FILE.csv (columns "
                + "Image and Patient), or split by image: --split EightOneOne.");

        List<Case> train = [], val = [], test = [];
        // The quotas of a stratum are differences of rounded running sums, so that the whole keeps the ratio too.
        int before = 0;
        foreach (IGrouping<string, Case> layer in cases.GroupBy(stratum ?? (_ => "all"))
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            int after = before + layer.Count();
            List<Case[]> groups =
                InDrawOrder(layer.GroupBy(c => byPatient ? c.Group : c.Id), seed, $"split {layer.Key}");
            test.AddRange(Take(groups, ratio.Quota(ratio.Test, after) - ratio.Quota(ratio.Test, before)));
            val.AddRange(Take(groups, ratio.Quota(ratio.Val, after) - ratio.Quota(ratio.Val, before)));
            train.AddRange(groups.SelectMany(g => g));
            before = after;
        }

        return new Split(
            NameOf(dataset, $"{ratio}", byPatient, seed), SortedIds(train), SortedIds(val), SortedIds(test));
    }

    private static string NameOf(Dataset dataset, string ratio, bool byPatient, int seed) =>
        $"{dataset.Name} {ratio}{(byPatient ? " by patient" : "")} (seed {seed})";

    /// <summary>
    /// Takes out groups whose sizes together come as near to the quota as any choice can, early groups first: a
    /// subset sum that remembers for each total the first group that completed it.
    /// </summary>
    private static IEnumerable<Case> Take(List<Case[]> groups, int quota)
    {
        quota = Math.Min(quota, groups.Sum(g => g.Length));
        var completedBy = new Dictionary<int, int> { [0] = -1 };
        for (int g = 0; g < groups.Count && !completedBy.ContainsKey(quota); g++)
        {
            foreach (int before in completedBy.Keys.ToArray())
                completedBy.TryAdd(before + groups[g].Length, g);
        }

        int nearest = completedBy.Keys.Order().MinBy(sum => Math.Abs(sum - quota));
        List<Case> taken = [];
        while (nearest > 0)
        {
            int g = completedBy[nearest];
            taken.AddRange(groups[g]);
            nearest -= groups[g].Length;
            groups.RemoveAt(g); // earlier groups keep their places, and only those are still to come
        }

        return taken;
    }

    private static List<T[]> InDrawOrder<T>(IEnumerable<IGrouping<string, T>> groups, int seed, string purpose) => [
        .. groups.OrderBy(g => Seeds.Derive(seed, purpose, g.Key)).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.ToArray())];

    private static string[] SortedIds(IEnumerable<Case> cases) =>
        [.. cases.Select(c => c.Id).Order(StringComparer.Ordinal)];

    private static void RequireGivenParts(Dataset dataset)
    {
        int without = dataset.Cases.Count(c => c.GivenPart is null);
        if (without == 0)
            return;
        string some = without == dataset.Cases.Count ? "This folder has no training, validation and test set"
            : $"{CountedAre(without, "case")} in no training, validation or test set";
        throw new InvalidDataException($"""
            {dataset.Root}: {some}. Choose how to split it:
              --split EightOneOneByPatient   8:1:1, no patient in two sets (names without one: --patient, --patients)
              --split EightOneOne            8:1:1 by image; images of one patient may be in two sets
              --split MosMed8To1To1          8:1:1 per source of {DataSets.MosMed}; MosMed8To1To1ByPatient: by study
              --split FILE.json              your own split, in the format of a run's split.json
            In a spec or in the library these are DataSpec.Split and DataSpec.SplitFile.
            """);
    }
}

/// <summary>The sizes of a split's parts to one another, such as 8:1:1.</summary>
public sealed record SplitRatio(int Train, int Val, int Test)
{
    public override string ToString() => $"{Train}:{Val}:{Test}";

    /// <summary>The cases that are due to a share among a number of cases; halves round to even.</summary>
    internal int Quota(int share, int count) => (int)Math.Round((double)count * share / All);

    internal int All => Train + Val + Test;
}
