using System.Globalization;
using System.Text;

namespace C2FVL.Data;

/// <summary>What a data set holds and what is wrong with it.</summary>
/// <param name="Dataset">The data set that was checked: layout, kind, notes and images without labels.</param>
/// <param name="Parts">Cases in each part that the folder gives.</param>
/// <param name="ImageSizes">Images of each size, "width x height".</param>
/// <param name="MaskValues">Mask files with each set of distinct values, such as "0, 255".</param>
/// <param name="EmptyMasks">Ids of the cases whose mask shows no lesion.</param>
/// <param name="Leaks">Patients and images that parts share.</param>
/// <param name="Fingerprint">Intensities, lesion area, zones.</param>
/// <param name="Faults">Everything wrong with a file: what reading the folder found, then the cases in their
/// order.</param>
public sealed record DatasetCheckResult(Dataset Dataset, IReadOnlyDictionary<string, int> Parts,
    IReadOnlyDictionary<string, int> ImageSizes, IReadOnlyDictionary<string, int> MaskValues,
    IReadOnlyList<string> EmptyMasks, LeakReport Leaks, Fingerprint Fingerprint, IReadOnlyList<DataFault> Faults)
{
    /// <summary>The data set's name.</summary>
    public string Name => Dataset.Name;

    /// <summary>Its folder.</summary>
    public string Root => Dataset.Root;

    /// <summary>The number of cases.</summary>
    public int Cases => Dataset.Cases.Count;

    /// <summary>Cases that have no mask file.</summary>
    public int CasesWithoutMask => Dataset.Cases.Count(c => c.MaskPath is null);

    /// <summary>Ids of the cases without a report.</summary>
    public IReadOnlyList<string> MissingReports { get; } =
        [.. Dataset.Cases.Where(c => c.Report is null).Select(c => c.Id)];

    /// <summary>The reports that cannot all be true.</summary>
    public IReadOnlyList<ReportContradiction> Contradictions { get; } =
        [.. Dataset.Cases.Where(c => c.Report is not null)
            .Select(c => new ReportContradiction(c, c.Report!.Contradictions())).Where(c => c.Problems.Count > 0)];

    /// <summary>The number of known patients.</summary>
    public int Patients => Dataset.Cases.Select(c => c.Patient).OfType<string>().Distinct().Count();

    /// <summary>What is to be said of the patients in the split; null for nothing.</summary>
    public string? PatientNote { get; init; }

    /// <summary>Notes on the masks that are not errors.</summary>
    public IReadOnlyList<string> MaskNotes { get; init; } = [];

    /// <summary>
    /// The reports that count fewer areas than they name lungs, the slip that QaTa-COV19's annotation has.
    /// </summary>
    public IEnumerable<ReportContradiction> CountsBelowSides =>
        Contradictions.Where(c => c.Case.Report!.CountsFewerAreasThanSides);

    /// <summary>The result for a terminal.</summary>
    /// <param name="most">How many faults, contradictions and sizes are listed one by one; of more, the number is
    /// told.</param>
    public string ToText(int most = 20)
    {
        var text = new StringBuilder();
        text.AppendLine($"{Name} ({Root})");
        Line("cases", $"{Cases} ({string.Join(", ", Parts.Select(p => $"{p.Key} {p.Value}"))})");
        Line("layout", Dataset.Layout);
        IEnumerable<string> kinds = Dataset.Cases.Select(c => c.Kind).Distinct().Order()
            .Select(kind => kind == ImageKind.XRay ? "X-ray" : "CT");
        if (Cases > 0)
            Line("kind", $"{string.Join(" and ", kinds)} ({Dataset.KindSource})");
        Line("left out", Files(Dataset.LeftOut.Select(fault => fault.File)));
        Line("folders not read", Files(Dataset.FoldersNotRead));
        Line("image sizes", Counts(ImageSizes));
        Line("mask values", Counts(MaskValues) + (CasesWithoutMask > 0 ? $", {CasesWithoutMask} without a mask" : ""));
        Line("empty masks", Ids(EmptyMasks));
        foreach (string note in MaskNotes)
            Line("note", note);
        Line("reports", Dataset.ReportsToText().ReplaceLineEndings("\n  "));
        Line("no report", MissingReports.Count == Cases ? $"all {Cases} cases" : Ids(MissingReports));
        if (Dataset.Unlabelled.Count > 0)
            Line("images without masks, not used", Files(Dataset.Unlabelled));
        Line("patients", $"{Patients} identified; {Leaks.CasesWithoutPatient} images have no patient ID");
        if (PatientNote is not null)
            Line("note", PatientNote);
        Line($"leaks ({Leaks.Split})", Leaks.ToText().ReplaceLineEndings("\n  "));

        Fingerprint print = Fingerprint;
        Line("grey values, all pixels", Spread(print.Pixels));
        Line("grey values, lesions", Spread(print.LesionPixels));
        Line("lesion share of image", Spread(print.LesionArea));
        if (print.Reports > 0)
        {
            Line("zones named", string.Join(", ", print.Zones.Select(z => $"{z.Key} {Percent(z.Value, print.Reports)}"))
                + $"; bilateral {Percent(print.Bilateral, print.Reports)}");
            Line("infected areas", string.Join(", ", print.Areas.Select(a => $"{a.Key}: {a.Value}")));
        }

        if (Dataset.Notes.Count > 0)
            List($"Notes: {Dataset.Notes.Count}", Dataset.Notes.Select(note => note.ToString()));
        List($"Contradictory reports: {Contradictions.Count}{Among(Contradictions)}; {CountsBelowSides.Count()} of "
            + "them count fewer areas than the sides they name. They are used unchanged; correct the reports to "
            + "change that.", Contradictions.Select(c => $"{c.Case.Id}: {string.Join(' ', c.Problems)}"));
        List($"Errors: {Faults.Count}", Faults.Select(f => f.ToString()));
        return text.ToString();

        void Line(string name, string value) => text.AppendLine($"  {name}: {value}");

        void List(string heading, IEnumerable<string> items)
        {
            text.AppendLine(heading).AppendJoin("", items.Take(most).Select(item => $"  {item}{Environment.NewLine}"));
            if (items.Skip(most).Any())
                text.AppendLine($"  and {items.Count() - most} more");
        }

        string Files(IEnumerable<string> files) => Ids([.. files.Select(file => Path.GetRelativePath(Root, file))]);

        string Counts(IReadOnlyDictionary<string, int> counts) =>
            string.Join("; ", counts.OrderByDescending(n => n.Value).Take(most).Select(n => $"{n.Key} ({n.Value})"))
            + (counts.Count > most ? $"; and {counts.Count - most} other" : "");
    }

    /// <summary>" (Train 36, Val 7, Test 5)"; empty where the folder gives no parts.</summary>
    private static string Among(IEnumerable<ReportContradiction> found)
    {
        string counts = string.Join(", ", found.Select(c => c.Case.GivenPart).OfType<Part>().CountBy(part => part)
            .OrderBy(n => n.Key).Select(n => $"{n.Key} {n.Value}"));
        return counts.Length == 0 ? "" : $" ({counts})";
    }

    private static string Ids(IReadOnlyList<string> ids) =>
        ids.Count == 0 ? "none" : $"{ids.Count} ({Wording.FirstOf(ids)})";

    private static string Spread(Distribution? d) => d is null ? "none" : string.Create(CultureInfo.InvariantCulture,
        $"mean {d.Mean:0.0000}, deviation {d.Deviation:0.0000}, 5% {d.Percentile5:0.0000}, median {d.Median:0.0000}, "
            + $"95% {d.Percentile95:0.0000}, from {d.Least:0.0000} to {d.Greatest:0.0000}");

    private static string Percent(int count, int all) => FormattableString.Invariant($"{100.0 * count / all:0.0} %");
}

/// <summary>Cases whose images are the same, pixel by pixel, whatever their file formats.</summary>
/// <param name="Cases">Their ids, at least two, in ordinal order.</param>
/// <param name="Parts">The part of each.</param>
public sealed record IdenticalImages(IReadOnlyList<string> Cases, IReadOnlyList<Part> Parts)
{
    /// <summary>Whether they lie in more than one part.</summary>
    public bool CrossParts => Parts.Distinct().Count() > 1;

    /// <summary>Whether two of them lie in the same part.</summary>
    public bool RepeatInsideAPart => Parts.Distinct().Count() < Parts.Count;
}
