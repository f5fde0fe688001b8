using C2FVL.Platform;

namespace C2FVL.Evaluation;

/// <summary>
/// cases.csv: one row per case with its pixel counts, which decide, and its scores, for those who open the file
/// elsewhere. Where the patient is unknown, the column patient holds the case's own id. The last three columns are hd95
/// and assd in pixels and the seconds of the prediction; a field is empty if there is no value. Files of older
/// versions lack these columns and load without them.
/// </summary>
public static class CaseScoreFile
{
    private static readonly string[] Columns =
        ["case", "patient", "dice", "iou", "sensitivity", "precision", "intersection", "predicted", "truth", "pixels"];

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <exception cref="IOException">It cannot be written; the previous file is unchanged.</exception>
    public static void Write(string path, IEnumerable<CaseScore> scores) => CsvRows.Write(
        path, [.. Columns, "hd95", "assd", "seconds"], scores.Select(s => new object[]
        {
            s.CaseId, s.Group, s.Dice, s.IoU, s.Sensitivity, s.Precision, s.Intersection, s.Predicted, s.Truth,
            s.Pixels, s.Hd95, s.Assd, s.Seconds,
        }));

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A column is missing, or a row cannot be right; the message names the file
    /// and the row as a text editor counts them, 1 for the header.</exception>
    public static IReadOnlyList<CaseScore> Read(string path)
    {
        using var csv = new CsvRows(
            path, "Score the run to make it.", "Restore the file, or delete it and score the run again.");
        csv.Require(Columns);
        var scores = new List<CaseScore>();
        var ids = new HashSet<string>();
        while (csv.Next())
        {
            var score = new CaseScore(
                csv.Text("case"), csv.Text("patient"), Count("intersection"), Count("predicted"), Count("truth"),
                Count("pixels")) { Hd95 = Number("hd95"), Assd = Number("assd"), Seconds = Number("seconds") };
            if (score.CaseId.Length == 0 || score.Group.Length == 0)
                throw csv.Fault("the case or the patient is empty");
            if (score.Intersection > Math.Min(score.Predicted, score.Truth)
                || Math.Max(score.Predicted, score.Truth) > score.Pixels)
                throw csv.Fault($"the pixel counts of case {score.CaseId} contradict each other");
            bool oneIsEmpty = score.Predicted == 0 || score.Truth == 0;
            if (oneIsEmpty && !(double.IsNaN(score.Hd95) && double.IsNaN(score.Assd)))
                throw csv.Fault($"case {score.CaseId} has a distance although one of its masks is empty");
            if (!ids.Add(score.CaseId))
                throw csv.Fault($"case {score.CaseId} appears a second time");
            scores.Add(score);
        }

        return AtomicFile.EndsWithLine(path)
            ? scores
            : throw csv.Fault("the file was cut in this row: no line end follows it");

        long Count(string column) => csv.Whole(column, "a number of pixels");

        double Number(string column) => csv.Columns.Contains(column) && csv.Text(column).Length > 0
            ? csv.Number(column, "a number of 0 or more")
            : double.NaN;
    }
}
