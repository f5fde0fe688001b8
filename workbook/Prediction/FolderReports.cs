using C2FVL.Data;

namespace C2FVL.Workbook.Prediction;

/// <summary>The reports of a folder's images: a sheet's, read as a doctor types them.</summary>
internal sealed class FolderReports
{
    private readonly Dictionary<string, (LesionReport? Report, string? Problem)> found = [];

    private FolderReports()
    {
    }

    /// <summary>What the user should know of the sheet.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Reads a sheet.</summary>
    /// <param name="sheet">An .xlsx or .csv file with the columns Image and Description, or the eight columns.</param>
    /// <param name="images">The image files.</param>
    /// <param name="patientSides">Whether left in the sheet is the patient's left.</param>
    /// <exception cref="InvalidDataException">The sheet cannot be read, or names none of the images.</exception>
    public static FolderReports Read(string sheet, IReadOnlyList<string> images, bool patientSides)
    {
        ReportSheet read = ReportSheet.Read(sheet);
        var reports = new FolderReports();
        var names = new NameIndex([.. images.Select(image =>
        {
            string name = ImageName.Composed(FolderFiles.Stem(image));
            return new ImagePair(name, name, image, image, null);
        })]);
        HashSet<int> known = [];
        int orphans = 0, assumed = 0;
        foreach (ReportRow row in read.Rows)
        {
            (ImagePair? pair, string? problem) = names.Find(row.Image, null);
            if (pair is null && problem is null)
            {
                orphans++;
                continue;
            }

            if (pair is null)
            {
                reports.Notes.Add($"{sheet}, row {row.Row}: {problem}");
                continue;
            }

            known.Add(row.Row);
            LesionReport? report = row.Report;
            if (report is null && row.NotUnderstood.Length > 0)
            {
                TypedReport.TryRead(row.NotUnderstood, out TypedReport? typed, out problem);
                report = typed?.Report;
                assumed += typed?.Assumed.Count > 0 ? 1 : 0;
            }

            if (report is null)
                problem = $"{sheet}, row {row.Row}: "
                    + $"{problem ?? read.Faults.FirstOrDefault(fault => fault.Row == row.Row)?.Problem}";
            if (patientSides)
                report = report?.FlipHorizontal();
            reports.found.TryAdd(pair.Image, (report, report is null ? problem : null));
        }

        if (reports.found.Count == 0)
        {
            throw new InvalidDataException(
                $"{sheet}: none of its {read.Rows.Count} rows names one of the {images.Count} images. The column Image "
                    + "must contain their file names.");
        }

        if (orphans > 0)
            reports.Notes.Add($"{sheet}: rows that name no image of this folder: {orphans}.");
        if (assumed > 0)
            reports.Notes.Add(
                $"{sheet}: the number of areas is not given in {Counted(assumed, "report")}; the smallest number that "
                    + "fits is used.");
        int without = images.Count(image => !reports.found.ContainsKey(image));
        if (without > 0)
            reports.Notes.Add($"{sheet} has no report of {without} of the {images.Count} images; they are predicted "
                + "without one.");
        string[] contradictions = [.. reports.found.Values.SelectMany(found => found.Report?.Contradictions() ?? [])];
        int contradictory = reports.found.Values.Count(found => found.Report?.Contradictions().Count > 0);
        if (contradictory > 0)
            reports.Notes.Add($"{sheet}: a contradiction is in {Counted(contradictory, "report")}, such as: "
                + contradictions[0]);
        return reports;
    }

    /// <summary>An image's report; or why it is not understood; neither where the sheet has none.</summary>
    public (LesionReport? Report, string? Problem) Of(string image) => found.GetValueOrDefault(image);

    private static string Counted(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
