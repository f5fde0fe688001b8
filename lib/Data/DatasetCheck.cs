namespace C2FVL.Data;

/// <summary>
/// Looks at every file of a data set and says what is in it and what is wrong with it. Works on all cores, holds one
/// case a core in memory, and goes on past every bad file. The result does not depend on the number of cores.
/// </summary>
public static class DatasetCheck
{
    private const int MostValuesListed = 8;

    /// <summary>Runs the check.</summary>
    /// <param name="dataset">What a folder was read as; its errors are copied to the result.</param>
    /// <param name="split">
    /// The parts to count and to look for leaks in, of which none may be empty; without it the parts that the folder
    /// gives, and where it gives none, all cases as one part.
    /// </param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends the check with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">The data set lacks a case of the split.</exception>
    public static DatasetCheckResult Run(Dataset dataset, Split? split = null,
        IProgress<DatasetCheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        bool isGiven = split is null;
        IReadOnlyDictionary<string, int> parts = split is null ? PartsOf(dataset)
            : Enum.GetValues<Part>().ToDictionary(part => part.ToString(), part => split[part].Count);
        IEnumerable<DataFault> empty = parts.Where(part => !isGiven && part.Value == 0).Select(part => new DataFault(
            dataset.Root, null, $"The set {part.Key} of the split \"{split!.Name}\" is empty.",
            "Add cases, or choose another split."));
        split ??= dataset.Cases.Count > 0 && dataset.Cases.All(c => c.GivenPart is not null) ? Split.AsGiven(dataset)
            : Split.ByRatio(dataset, new SplitRatio(1, 0, 0), seed: 0) with { Name = "no sets given" };

        var cases = new CheckedCase[dataset.Cases.Count];
        using var counts = new ThreadLocal<GrayHistogram>(() => new GrayHistogram(), trackAllValues: true);
        EveryCase.Do(dataset.Cases, (item, i) => cases[i] = Check(item, counts.Value!), progress, cancellation);
        var grays = new GrayHistogram();
        foreach (GrayHistogram counted in counts.Values)
            grays.Add(counted);

        (DataFault? labels, IReadOnlyList<string> notes) =
            LesionValues.Check(dataset, split, cases.ToDictionary(c => c.Case.Id, c => c.Lesion));
        Dictionary<string, string> hashes =
            cases.Where(c => c.Hash is not null).ToDictionary(c => c.Case.Id, c => c.Hash!);
        Case[] full = [.. cases.Where(c => LesionValues.IsFull(c.LesionShare ?? 0)).Select(c => c.Case)];
        return new DatasetCheckResult(
            dataset, parts, Counted(cases.Select(c => c.Size)), Counted(cases.Select(c => c.MaskValues)),
            [.. cases.Where(c => c.LesionShare == 0).Select(c => c.Case.Id)], LeakReport.Of(dataset, split, hashes),
            Fingerprint.Of(grays, cases.Select(c => c.LesionShare).OfType<double>(),
                [.. dataset.Cases.Select(c => c.Report).OfType<LesionReport>()]),
            [.. dataset.Faults, .. empty, .. cases.SelectMany(c => c.Faults), .. new[] { labels }.OfType<DataFault>()])
        {
            PatientNote = split.PatientNote(dataset, isGiven),
            MaskNotes = [.. notes, .. LesionValues.FullNotes(full)],
        };
    }

    private static OrderedDictionary<string, int> PartsOf(Dataset dataset)
    {
        var counts = Enum.GetValues<Part>().Cast<Part?>().Append(null)
            .Select(part => (Part: part, Count: dataset.Cases.Count(c => c.GivenPart == part)))
            .Where(n => n.Count > 0 || (n.Part is Part part && dataset.PartsSeen.Contains(part)));
        return new(counts.Select(n => KeyValuePair.Create(n.Part?.ToString() ?? "no set", n.Count)));
    }

    private static CheckedCase Check(Case item, GrayHistogram counts)
    {
        List<DataFault> faults = [];
        IReadOnlyList<int> values = [];
        GrayImage? image = Readable(item.ImagePath, item.ReadImage, faults);
        BinaryMask? mask =
            item.MaskPath is null ? null : Readable(item.MaskPath, () => item.ReadMask(out values), faults);
        DataFault? size = image is null || mask is null ? null : SampleReader.SizeFault(item, image, mask);
        if (size is not null)
            faults.Add(size);
        if (image is not null)
            counts.Add(image, size is null ? mask : null);
        return new CheckedCase(item, faults)
        {
            Size = image is null ? null : $"{image.Width} x {image.Height}",
            Hash = image is null ? null : LeakReport.Hash(image),
            MaskValues = mask is null ? null : values.Count <= MostValuesListed ? string.Join(", ", values)
                : $"more than {MostValuesListed}, up to {values[^1]}",
            LesionShare = mask?.Area / ((double?)mask?.Width * mask?.Height),
            Lesion = mask is null ? null : LesionValues.Of(item.MaskPath!, mask, values, item.LesionLabel),
        };
    }

    /// <summary>
    /// What a file contains; null, and an error, if it cannot be read for any reason: the other files still count.
    /// </summary>
    internal static T? Readable<T>(string path, Func<T> read, List<DataFault> faults) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e)
        {
            faults.Add(ImageFile.FaultOf(path, e));
            return null;
        }
    }

    /// <summary>How often each name occurs, in the order of first sight.</summary>
    private static OrderedDictionary<string, int> Counted(IEnumerable<string?> names) =>
        new(names.OfType<string>().CountBy(name => name));

    /// <summary>What is kept of a case when its pixels are gone.</summary>
    private sealed record CheckedCase(Case Case, List<DataFault> Faults)
    {
        public string? Size, Hash, MaskValues;
        public double? LesionShare;
        public int? Lesion;
    }
}

/// <summary>Looks at many cases on all cores.</summary>
internal static class EveryCase
{
    /// <summary>Calls an action for each case and its place in the list.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="look">Called from several threads at once.</param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static void Do(IReadOnlyList<Case> cases, Action<Case, int> look, IProgress<DatasetCheckProgress>? progress,
        CancellationToken cancellation)
    {
        var gate = new Lock();
        int done = 0, step = Math.Max(1, cases.Count / 200);
        var options = new ParallelOptions
        { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, cases.Count, options, i =>
        {
            look(cases[i], i);
            lock (gate)
            {
                if (++done % step == 0 || done == cases.Count)
                    progress?.Report(new DatasetCheckProgress(done, cases.Count));
            }
        });
    }
}

/// <summary>How far a dataset check is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
