using C2FVL.Data;

namespace C2FVL.Workbook.Checks;

/// <summary>
/// Looks at every file of a data set and says what is in it and what is wrong with it. Works on all cores, holds one
/// case a core in memory, and goes on past every bad file. The result does not depend on the number of cores.
/// </summary>
internal static class DatasetCheck
{
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
        IReadOnlyList<CaseLook> looks = CaseLook.All(dataset.Cases, progress, cancellation, grays);
        FileRecord[] images = [.. looks.Select(look => look.Image).OfType<FileRecord>()];
        FileRecord[] masks = [.. looks.Select(look => look.Mask).OfType<FileRecord>()];
        (DataFault? labels, IReadOnlyList<string> notes) = LesionValues.Check(dataset, used, looks);
        return new DatasetCheckResult(dataset, split is null ? GivenParts(dataset)
                : Enum.GetValues<Part>().ToDictionary(part => part.ToString(), part => split[part].Count),
            new(images.CountBy(image => $"{image.Width} x {image.Height}")), new(masks.CountBy(mask => mask.Values!)),
            [.. looks.Where(look => look.Mask?.Share == 0).Select(look => look.Case.Id)],
            LeakReport.From(dataset, used, looks),
            Fingerprint.From(grays, masks.Select(mask => mask.Share!.Value),
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
}
