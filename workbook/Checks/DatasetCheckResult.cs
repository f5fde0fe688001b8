using System.Globalization;
using System.Text;
using C2FVL.Data;

namespace C2FVL.Workbook.Checks;

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
/// <param name="PatientNote">What is to be said of the patients in the split; null for nothing.</param>
/// <param name="MaskNotes">Notes on the masks that are not errors.</param>
internal sealed record DatasetCheckResult(Dataset Dataset, IReadOnlyDictionary<string, int> Parts,
    OrderedDictionary<string, int> ImageSizes, OrderedDictionary<string, int> MaskValues,
    IReadOnlyList<string> EmptyMasks, LeakReport Leaks, Fingerprint Fingerprint, IReadOnlyList<DataFault> Faults,
    string? PatientNote, IReadOnlyList<string> MaskNotes)
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
    public IReadOnlyList<ReportContradiction> Contradictions { get; } = [.. Dataset.Cases
        .Select(c => new ReportContradiction(c, c.Report?.Contradictions() ?? [])).Where(c => c.Problems.Count > 0)];

    /// <summary>The number of known patients.</summary>
    public int Patients => Dataset.Cases.Select(c => c.Patient).OfType<string>().Distinct().Count();

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
        string kinds = string.Join(" and ", Dataset.Cases.Select(c => c.Kind).Distinct().Order()
            .Select(kind => kind == ImageKind.XRay ? "X-ray" : "CT"));
        string parts = string.Join(", ", Parts.Select(p => $"{p.Key} {p.Value}"));
        string withoutMask = CasesWithoutMask > 0 ? $", {CasesWithoutMask} without a mask" : "";
        Fingerprint print = Fingerprint;
        string zones = string.Join(", ", print.Zones.Select(z => $"{z.Key} {Percent(z.Value, print.Reports)}"));
        (string Name, string? Value)[] lines = [
            ("cases", $"{Cases} ({parts})"), ("layout", Dataset.Layout),
            ("kind", Cases == 0 ? null : $"{kinds} ({Dataset.KindSource})"),
            ("left out", Files(Dataset.LeftOut.Select(fault => fault.File))),
            ("folders not read", Files(Dataset.FoldersNotRead)),
            ("image sizes", Counts(ImageSizes)), ("mask values", Counts(MaskValues) + withoutMask),
            ("empty masks", Ids(EmptyMasks)), .. MaskNotes.Select(note => ("note", note)),
            ("reports", Dataset.ReportsToText()),
            ("no report", MissingReports.Count == Cases ? $"all {Cases} cases" : Ids(MissingReports)),
            ("images without masks, not used", Dataset.Unlabelled.Count == 0 ? null : Files(Dataset.Unlabelled)),
            ("patients", $"{Patients} identified; {Leaks.CasesWithoutPatient} images have no patient ID"),
            ("note", PatientNote), ($"leaks ({Leaks.Split})", LeaksToText()),
            ("grey values, all pixels", Spread(print.Pixels)), ("grey values, lesions", Spread(print.LesionPixels)),
            ("lesion share of image", Spread(print.LesionArea)),
            ("zones named", print.Reports == 0 ? null
                : $"{zones}; bilateral {Percent(print.Bilateral, print.Reports)}"),
            ("infected areas", print.Reports == 0 ? null
                : string.Join(", ", print.Areas.Select(a => $"{a.Key}: {a.Value}")))];

        var text = new StringBuilder().AppendLine($"{Name} ({Root})");
        foreach ((string name, string? value) in lines.Where(line => line.Value is not null))
            text.AppendLine($"  {name}: {value!.ReplaceLineEndings("\n  ")}");
        if (Dataset.Notes.Count > 0)
            List($"Notes: {Dataset.Notes.Count}", Dataset.Notes.Select(note => note.ToString()));
        List($"Contradictory reports: {Contradictions.Count}{Among(Contradictions)}; {CountsBelowSides.Count()} of "
            + "them count fewer areas than the sides they name. They are used unchanged; correct the reports to "
            + "change that.", Contradictions.Select(c => $"{c.Case.Id}: {string.Join(' ', c.Problems)}"));
        List($"Errors: {Faults.Count}", Faults.Select(f => f.ToString()));
        return text.ToString();

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

    /// <summary>What the sets share, in sentences.</summary>
    internal string LeaksToText()
    {
        LeakReport found = Leaks;
        string patients = found.CrossingPatients.Count == 0 ? "No known patient is in more than one set."
            : $"Patients in more than one set: {found.CrossingPatients.Count} "
            + $"({Wording.Listed(found.CrossingPatients)}).\n{found.TestCasesOfTrainPatients} of {found.TestCases} "
            + $"test cases and {found.ValCasesOfTrainPatients} of {found.ValCases} validation cases come from a patient who "
            + "is also in training. Split by patient to avoid it.";
        string unknown = found.CasesWithoutPatient == 0 ? ""
            : $"\n{found.CasesWithoutPatient} cases have no known patient, so leaks among them cannot be found.";
        return $"{patients}{unknown}\n{Images("in more than one set", found.IdenticalAcrossParts)}\n"
            + Images("within one set", found.Identical.Where(i => i.RepeatInsideAPart));

        static string Images(string where, IEnumerable<IdenticalImages> same) => same.Any()
            ? $"Identical images {where}: {same.Count()} groups, such as {string.Join(", ", same.First().Cases)}."
            : $"No identical images {where}.";
    }

    /// <summary>" (Train 36, Val 7, Test 5)"; empty where the folder gives no parts.</summary>
    private static string Among(IEnumerable<ReportContradiction> found)
    {
        string counts = string.Join(", ", found.Select(c => c.Case.GivenPart).OfType<Part>().CountBy(part => part)
            .OrderBy(n => n.Key).Select(n => $"{n.Key} {n.Value}"));
        return counts.Length == 0 ? "" : $" ({counts})";
    }

    private static string Ids(IReadOnlyList<string> ids) =>
        ids.Count == 0 ? "none" : $"{ids.Count} ({Wording.Listed(ids)})";

    private static string Spread(Distribution? d) => d is null ? "none" : string.Create(CultureInfo.InvariantCulture,
        $"mean {d.Mean:0.0000}, deviation {d.Deviation:0.0000}, 5% {d.Percentile5:0.0000}, median {d.Median:0.0000}, "
            + $"95% {d.Percentile95:0.0000}, from {d.Least:0.0000} to {d.Greatest:0.0000}");

    private static string Percent(int count, int all) => FormattableString.Invariant($"{100.0 * count / all:0.0} %");
}

/// <summary>A report that cannot all be true.</summary>
/// <param name="Case">Whose report it is.</param>
/// <param name="Problems">What contradicts what, each a sentence.</param>
internal sealed record ReportContradiction(Case Case, IReadOnlyList<string> Problems);
