namespace C2FVL.Data;

/// <summary>
/// Looks at every file of a data set and says what is in it and what is wrong with it. Works on all cores, holds one
/// case a core in memory, and goes on past every bad file. The result does not depend on the number of cores.
/// </summary>
public static class DatasetCheck
{
    /// <summary>16 bits: then 8-bit and 16-bit grey values fall on bins exactly.</summary>
    private const int Bins = 65536;

    private const int MostValuesListed = 8;

    /// <summary>Runs the check.</summary>
    /// <param name="dataset">What a folder was read as; its faults are taken over into the result.</param>
    /// <param name="split">
    /// The parts to count and to look for leaks in, of which none may be empty; without it the parts that the folder
    /// gives, and where it gives none, all cases as one part.
    /// </param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends the check with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">The data set lacks a case of the split.</exception>
    public static DatasetCheckResult Run(
        Dataset dataset,
        Split? split = null,
        IProgress<DatasetCheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        IReadOnlyDictionary<string, int> parts = split is null
            ? PartsOf(dataset)
            : Enum.GetValues<Part>().ToDictionary(part => part.ToString(), part => split[part].Count);
        DataFault[] empty = split is null ? [] : [.. parts.Where(part => part.Value == 0)
            .Select(
                part =>
                    new DataFault(
                        dataset.Root, null, $"The part {part.Key} of the split \"{split.Name}\" is empty.",
                        "Add cases, or choose another split."))];
        bool isSplit = split is not null;
        split ??= dataset.Cases.Count > 0 && dataset.Cases.All(c => c.GivenPart is not null)
            ? Split.AsGiven(dataset)
            : Split.ByRatio(dataset, new SplitRatio(1, 0, 0), seed: 0) with { Name = "no parts given" };

        var cases = new CheckedCase[dataset.Cases.Count];
        long[] pixelBins = new long[Bins], lesionBins = new long[Bins];
        var gate = new Lock();
        int done = 0, step = Math.Max(1, cases.Length / 200);
        var options = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        Parallel.For(
            0,
            cases.Length,
            options,
            () => (Pixels: new long[Bins], Lesion: new long[Bins]),
            (i, _, counts) =>
            {
                cases[i] = Check(dataset.Cases[i], counts.Pixels, counts.Lesion);
                lock (gate)
                {
                    done++;
                    if (done % step == 0 || done == cases.Length)
                        progress?.Report(new DatasetCheckProgress(done, cases.Length));
                }

                return counts;
            },
            counts =>
            {
                lock (gate)
                {
                    for (int i = 0; i < Bins; i++)
                    {
                        pixelBins[i] += counts.Pixels[i];
                        lesionBins[i] += counts.Lesion[i];
                    }
                }
            });

        var lesions = cases.ToDictionary(c => c.Case.Id, c => c.Lesion);
        (DataFault? labels, IReadOnlyList<string> notes) = LesionValues.Check(dataset, split, lesions);
        Dictionary<string, string> hashes = cases.Where(c => c.Hash is not null).ToDictionary(
            c => c.Case.Id, c => c.Hash!);
        LesionReport[] reports = [.. dataset.Cases.Where(c => c.Report is not null).Select(c => c.Report!)];
        return new DatasetCheckResult(
            dataset.Name,
            dataset.Root,
            dataset.Cases.Count,
            parts,
            Counted(cases.Where(c => c.Size is not null).Select(c => c.Size!)),
            Counted(cases.Where(c => c.MaskValues is not null).Select(c => c.MaskValues!)),
            dataset.Cases.Count(c => c.MaskPath is null),
            [.. cases.Where(c => c.LesionShare == 0).Select(c => c.Case.Id)],
            [.. dataset.Cases.Where(c => c.Report is null).Select(c => c.Id)],
            [.. dataset.Cases.Where(c => c.Report is not null)
                .Select(c => new ReportContradiction(c, c.Report!.Contradictions()))
                .Where(c => c.Problems.Count > 0)],
            dataset.Cases.Where(c => c.Patient is not null).Select(c => c.Patient).Distinct().Count(),
            LeakReport.Of(dataset, split, hashes),
            Fingerprint.Of(
                pixelBins, lesionBins, cases.Where(c => c.LesionShare is not null).Select(c => c.LesionShare!.Value),
                reports),
            [
                .. dataset.Faults, .. empty, .. cases.SelectMany(c => c.Faults),
                .. labels is null ? [] : new[] { labels }])
        {
            Dataset = dataset,
            PatientNote = split.PatientNote(dataset, isGiven: !isSplit),
            MaskNotes = [
                .. notes,
                .. LesionValues.FullNotes(
                    [.. cases.Where(c => LesionValues.IsFull(c.LesionShare ?? 0)).Select(c => c.Case)])],
        };
    }

    private static OrderedDictionary<string, int> PartsOf(Dataset dataset)
    {
        OrderedDictionary<string, int> parts = [];
        foreach (Part part in Enum.GetValues<Part>())
        {
            int count = dataset.Cases.Count(c => c.GivenPart == part);
            if (count > 0 || dataset.PartsSeen.Contains(part))
                parts[part.ToString()] = count;
        }

        if (dataset.Cases.Count(c => c.GivenPart is null) is > 0 and int without)
            parts["no part"] = without;
        return parts;
    }

    private static CheckedCase Check(Case item, long[] pixelBins, long[] lesionBins)
    {
        List<DataFault> faults = [];
        GrayImage? image = Readable(item.ImagePath, _ => item.ReadImage(), faults);
        IReadOnlyList<int> values = [];
        BinaryMask? mask = item.MaskPath is null
            ? null
            : Readable(item.MaskPath, _ => item.ReadMask(out values), faults);

        bool sameSize = true;
        if (image is not null && mask is not null && SampleReader.SizeFault(item, image, mask) is DataFault fault)
        {
            faults.Add(fault);
            sameSize = false;
        }

        if (image is not null)
            CountPixels(image, sameSize ? mask : null, pixelBins, lesionBins);

        return new CheckedCase(
            item,
            image is null ? null : $"{image.Width} x {image.Height}",
            image is null ? null : LeakReport.Hash(image),
            mask is null
                ? null
                : values.Count <= MostValuesListed
                ? string.Join(", ", values)
                : $"more than {MostValuesListed}, up to {values[^1]}",
            mask is null ? null : mask.Area / ((double)mask.Width * mask.Height),
            mask is null ? null : LesionValues.Of(item.MaskPath!, mask, values, item.LesionLabel),
            faults);
    }

    /// <summary>
    /// What a file holds; null, and a fault, where it cannot be read for any reason: the other files still count.
    /// </summary>
    private static T? Readable<T>(string path, Func<string, T> read, List<DataFault> faults)
        where T : class
    {
        try
        {
            return read(path);
        }
        catch (Exception e)
        {
            faults.Add(ImageFile.FaultOf(path, e));
            return null;
        }
    }

    private static void CountPixels(GrayImage image, BinaryMask? mask, long[] pixelBins, long[] lesionBins)
    {
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int bin = (int)MathF.Round(image.Pixels[i] * (Bins - 1));
            pixelBins[bin]++;
            if (mask is not null && mask.Pixels[i] != 0)
                lesionBins[bin]++;
        }
    }

    /// <summary>How often each name occurs, in the order of first sight.</summary>
    private static OrderedDictionary<string, int> Counted(IEnumerable<string> names) =>
        new(names.CountBy(name => name));

    /// <summary>What is kept of a case when its pixels are gone.</summary>
    private sealed record CheckedCase(
        Case Case, string? Size, string? Hash, string? MaskValues, double? LesionShare, int? Lesion,
        List<DataFault> Faults);
}

/// <summary>How far a dataset check is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
