using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using C2FVL.Data;
using C2FVL.Phantoms;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>The cases of a run, found, split and let through the gate.</summary>
/// <param name="Dataset">The whole set.</param>
/// <param name="Split">The run's lists of case ids.</param>
public sealed record RunData(Dataset Dataset, Split Split)
{
    /// <summary>
    /// The least share of the cases of a set whose report must be understood where a model reads it. 0.95.
    /// </summary>
    public const double DefaultLeastReports = 0.95;

    private static readonly ConcurrentDictionary<(DataSpec, string), (string Stamp, RunData Data)> Opened = [];

    /// <summary>What the gate let through: counts, kind and digest of the cases in use.</summary>
    public required DataGate Gate { get; init; }

    /// <summary>
    /// What the split must say of patients that are or may be in more than one set; null for nothing.
    /// </summary>
    public string? PatientNote { get; init; }

    /// <summary>
    /// Finds a spec's data set, drawing it first if it is a phantom, splits it, and looks at every file of the split's
    /// cases. Opened again, it is read again only where a file has changed since.
    /// </summary>
    /// <param name="spec">Which cases.</param>
    /// <param name="progress">Called while the files are looked at, from the threads that work.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DirectoryNotFoundException">The real set is not on this machine; the message says where it was
    /// looked for.</exception>
    /// <exception cref="InvalidDataException">A file cannot be used, or the split cannot be made; the message says why
    /// and how to go on.</exception>
    public static RunData Open(
        DataSpec spec, IProgress<DatasetCheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (spec is { ReportsFromMasks: true, PatientSides: true })
            throw new ArgumentException(
                "--patient-sides applies to report sheets, but --reports-from-masks reads none. Leave one of them "
                    + "out.");
        string folder = Folder(spec);
        DateTime begun = DateTime.UtcNow;
        string?[] files = [spec.Reports, spec.PatientsFile, spec.SplitFile];
        (string stamp, long newest) = Stamp([folder, .. files.OfType<string>()]);
        if (Opened.TryGetValue((spec, folder), out var before) && before.Stamp == stamp)
            return before.Data;

        Dataset dataset = DatasetReader.Read(folder, spec, spec.Name);
        if (spec.ReportsFromMasks)
            dataset = MaskReporter.WriteAll(dataset);
        Split split = SplitOf(spec, dataset);
        var data = new RunData(dataset, split)
        {
            PatientNote = split.PatientNote(
                dataset, isGiven: spec is { SplitFile: null, Split: SplitKind.AsGiven, Folds: null }),
            Gate = DataGate.Check(dataset, split, progress, cancellation),
        };
        if (begun.Ticks - newest > FileRecords.Settled.Ticks)
            Opened[(spec, folder)] = (stamp, data);
        return data;
    }

    /// <summary>Whether a spec's data set is on this machine, or can be drawn.</summary>
    public static bool IsHere(DataSpec spec) => spec.IsPhantom || Workspace.FindData(spec.Set) is not null;

    /// <summary>Refuses sets without cases, and reports that a model reads and that are not there.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="parts">The sets in use; null for all three.</param>
    /// <param name="text">The text the model is given; null for the spec's own.</param>
    /// <param name="leastReports">The least share of cases whose report must be understood, 0 to 1.</param>
    /// <exception cref="InvalidDataException">Data are missing; the message says what, why and how to go
    /// on.</exception>
    public void Require(
        RunSpec spec, IReadOnlyList<Part>? parts = null, TextMode? text = null,
        double leastReports = DefaultLeastReports)
    {
        SetCounts[] sets = [.. Gate.Sets.Where(set => parts is null || parts.Contains(set.Part))];
        if (Dataset.Cases.Count == 0)
            throw new InvalidDataException(
                $"{Dataset.Root}: there is no image with a mask. Add masks, or use 'workbook predict' on the images.");
        if (sets.FirstOrDefault(set => set.Cases == 0) is SetCounts empty)
            throw new InvalidDataException(
                $"{Dataset.Root}: the {Wording.Word(empty.Part)} set is empty ({Split.Name}). Choose another split: "
                    + $"--split {string.Join(", ", Enum.GetNames<SplitKind>())}.");
        if (!spec.Model.ReadsText || (text ?? spec.Text) == TextMode.Missing)
            return;
        if (sets.FirstOrDefault(set => set.ReportShare() < leastReports) is not SetCounts poor)
            return;
        Dataset told = Dataset.ReportFaults.Count > 0
            ? Dataset
            : Dataset with { ReportFaults = [.. Dataset.Faults.Where(fault => fault.Row is not null)] };
        string why = told.ReportsToText([.. Split.Cases(Dataset, poor.Part)]);
        (string least, string share) = (Text(100 * leastReports), Text(Math.Floor(100 * poor.ReportShare()) / 100));
        throw new InvalidDataException(
            $"{Dataset.Root}, {Wording.Word(poor.Part)} set: {why}\n{spec.Model.Name} reads the reports and needs at "
                + $"least {least} % of them. Correct them, train without them (--text Missing), write them from the "
                + $"masks (--reports-from-masks true), or accept this share (--accept-reports {share}).");

        static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Batches of a part for a spec: shuffled and augmented for training, in order and as they are otherwise.
    /// </summary>
    /// <param name="spec">The run's spec.</param>
    /// <param name="part">The part.</param>
    /// <param name="text">The text the model is given; null for the spec's own.</param>
    /// <param name="withGradients">Whether gradients are wanted; the batch is then the training's, which memory
    /// holds.</param>
    public BatchSource Batches(RunSpec spec, Part part, TextMode? text = null, bool withGradients = false)
    {
        BatchSettings settings = BatchSettings.ForScoring();
        if (part == Part.Train || withGradients)
            settings = settings with { BatchSize = spec.Training.BatchSize };
        if (part == Part.Train)
            settings = settings with
            { Shuffle = true, Augmentation = spec.Augmentation, TextDropout = spec.TextDropout };
        return new BatchSource(
            Split.Cases(Dataset, part), c => SampleReader.Read(c, spec.Model.ImageSize, spec.Data.MaskRule),
            settings with { Seed = spec.Seed, Text = text ?? spec.Text });
    }

    /// <summary>
    /// The names, sizes and times of all files in folders, with what is below them, and of files: whether the data must
    /// be read again in this process; and the latest time, in ticks.
    /// </summary>
    private static (string Hash, long Newest) Stamp(IEnumerable<string> places)
    {
        var below = new EnumerationOptions
        { RecurseSubdirectories = true, MaxRecursionDepth = 8, AttributesToSkip = 0, IgnoreInaccessible = true };
        (string File, (long Length, long Ticks) Stamp)[] files = [
            .. places.SelectMany(place => Directory.Exists(place)
                ? Directory.EnumerateFiles(place, "*", below)
                : [place])
            .Order(StringComparer.Ordinal)
            .Select(file => (file, File.Exists(file) ? FileRecords.Stamp(file) : default))];
        byte[] lines = Encoding.UTF8.GetBytes(string.Join('\n', files));
        return (
            Convert.ToHexString(SHA256.HashData(lines)), files.Select(file => file.Stamp.Ticks).DefaultIfEmpty().Max());
    }

    private static string Folder(DataSpec spec) =>
        PhantomSettings.Named.TryGetValue(spec.Set, out PhantomSettings? drawn)
        ? PhantomFolder.Write(Workspace.Phantoms, drawn)
        : Workspace.FindData(spec.Set) ?? throw new DirectoryNotFoundException(
            $"The data set {spec.Set} is not on this machine. Put its folder at "
                + $"{Path.Combine(Workspace.Root, "data", spec.Set)}, or set C2FVL_DATA to the folder that contains "
                + "it.");

    /// <summary>The split that a spec asks for, with its numbers of cases.</summary>
    internal static Split SplitOf(DataSpec spec, Dataset dataset)
    {
        Split split = Divide(spec, dataset);
        foreach ((Part part, int? count) in new[]
            { (Part.Train, spec.Train), (Part.Val, spec.Val), (Part.Test, spec.Test) })
            split = count is int n ? split.Subset(part, n, spec.Seed) : split;
        return split;
    }

    /// <summary>The split that a spec asks for, with all its cases.</summary>
    internal static Split Divide(DataSpec spec, Dataset dataset)
    {
        if (spec is not { Folds: int folds, Fold: int fold })
            return Whole(spec, dataset);
        bool hasTest = spec.SplitFile is not null || spec.Split != SplitKind.AsGiven
            || dataset.Cases.Any(c => c.GivenPart == Part.Test);
        Split split = hasTest ? Whole(spec, dataset) : Split.Undivided(dataset);
        return split.Fold(dataset, fold, folds, spec.Seed);
    }

    private static Split Whole(DataSpec spec, Dataset dataset) =>
        spec.SplitFile is string file ? Split.Load(file, dataset) : spec.Split switch
    {
        SplitKind.EightOneOne => Split.ByRatio(dataset, new SplitRatio(8, 1, 1), spec.Seed),
        SplitKind.QaTa4To1 => Split.QaTa4To1(dataset, spec.Seed),
        SplitKind.QaTa4To1ByPatient => Split.QaTa4To1(dataset, spec.Seed, byPatient: true),
        SplitKind.MosMed8To1To1 => Split.MosMed8To1To1(dataset, spec.Seed),
        SplitKind.MosMed8To1To1ByPatient => Split.MosMed8To1To1(dataset, spec.Seed, byPatient: true),
        SplitKind.EightOneOneByPatient => Split.ByRatio(dataset, new SplitRatio(8, 1, 1), spec.Seed, byPatient: true),
        _ => Split.AsGiven(dataset),
    };
}
