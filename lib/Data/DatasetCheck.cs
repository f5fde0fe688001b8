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
        IEnumerable<DataFault> empty = Enum.GetValues<Part>().Where(part => split?[part].Count == 0)
            .Select(part => new DataFault(dataset.Root, null,
                $"The set {part} of the split \"{split!.Name}\" is empty.", "Add cases, or choose another split."));
        Split used = split
            ?? (dataset.Cases.Count > 0 && dataset.Cases.All(c => c.GivenPart is not null) ? Split.AsGiven(dataset)
                : Split.Undivided(dataset) with { Name = "no sets given" });

        var grays = new GrayHistogram();
        CaseLook[] looks = EveryCase.Look(dataset.Cases, item => Look(item, grays), progress, cancellation);
        Dictionary<string, CaseLook> known = looks.ToDictionary(c => c.Case.Id);
        (DataFault? labels, IReadOnlyList<string> notes) =
            LesionValues.Check(dataset, used, id => (known[id].Lesion, known[id].Share));
        return new DatasetCheckResult(dataset, split is null ? GivenParts(dataset)
                : Enum.GetValues<Part>().ToDictionary(part => part.ToString(), part => split[part].Count),
            new(looks.Select(c => c.Size).OfType<string>().CountBy(size => size)),
            new(looks.Select(c => c.Values).OfType<string>().CountBy(values => values)),
            [.. looks.Where(c => c.Share == 0).Select(c => c.Case.Id)],
            LeakReport.From(dataset, used, id => known[id].Hash),
            Fingerprint.From(grays, looks.Select(c => c.Share).OfType<double>(),
                [.. dataset.Cases.Select(c => c.Report).OfType<LesionReport>()]),
            [.. dataset.Faults, .. empty, .. looks.SelectMany(c => c.Faults), .. new[] { labels }.OfType<DataFault>()],
            used.PatientNote(dataset, isGiven: split is null), notes);
    }

    private static OrderedDictionary<string, int> GivenParts(Dataset dataset)
    {
        var counts = Enum.GetValues<Part>().Cast<Part?>().Append(null)
            .Select(part => (Part: part, Count: dataset.Cases.Count(c => c.GivenPart == part)))
            .Where(n => n.Count > 0 || (n.Part is Part part && dataset.PartsSeen.Contains(part)));
        return new(counts.Select(n => KeyValuePair.Create(n.Part?.ToString() ?? "no set", n.Count)));
    }

    private static CaseLook Look(Case item, GrayHistogram grays)
    {
        List<DataFault> faults = [];
        IReadOnlyList<int> values = [];
        GrayImage? image = Readable(item.ImagePath, item.ReadImage);
        BinaryMask? mask = item.MaskPath is null ? null : Readable(item.MaskPath, () => item.ReadMask(out values));
        DataFault? size = image is null || mask is null ? null : SampleReader.SizeFault(item, image, mask);
        if (size is not null)
            faults.Add(size);
        if (image is not null)
            grays.Add(image, size is null ? mask : null);
        return new CaseLook(item, faults, image is null ? null : $"{image.Width} x {image.Height}",
            image is null ? null : LeakReport.Hash(image),
            mask is null ? null : values.Count <= MostValuesListed ? string.Join(", ", values)
                : $"more than {MostValuesListed}, up to {values[^1]}", mask?.Share,
            mask is null ? null : LesionValues.Lesion(item.MaskPath!, mask, values, item.LesionLabel));

        // Null, and an error, if the file cannot be read for any reason: the other files still count.
        T? Readable<T>(string path, Func<T> read) where T : class
        {
            try
            {
                return read();
            }
            catch (Exception e)
            {
                faults.Add(ImageFile.FaultFrom(path, e));
                return null;
            }
        }
    }

    /// <summary>What is kept of a case when its pixels are gone.</summary>
    private sealed record CaseLook(
        Case Case, List<DataFault> Faults, string? Size, string? Hash, string? Values, double? Share, int? Lesion);
}

/// <summary>Looks at many cases on all cores.</summary>
internal static class EveryCase
{
    /// <summary>What a look at each case gives, in the order of the cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="look">Called from several threads at once.</param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static T[] Look<T>(IReadOnlyList<Case> cases, Func<Case, T> look,
        IProgress<DatasetCheckProgress>? progress, CancellationToken cancellation)
    {
        var gate = new Lock();
        int done = 0, step = Math.Max(1, cases.Count / 200);
        return [.. cases.AsParallel().AsOrdered().WithCancellation(cancellation).Select(item =>
        {
            T seen = look(item);
            lock (gate)
            {
                if (++done % step == 0 || done == cases.Count)
                    progress?.Report(new DatasetCheckProgress(done, cases.Count));
            }

            return seen;
        })];
    }
}

/// <summary>How far a dataset check is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
