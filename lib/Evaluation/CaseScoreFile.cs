using System.Globalization;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Evaluation;

/// <summary>
/// cases.csv: one row per case with its pixel counts, which decide, and its scores, for those who open the file
/// elsewhere. Where the patient is unknown, the column patient holds the case's own id. The last three columns are hd95
/// and assd in pixels and the seconds of the prediction; a field is empty where there is no value. Files of older
/// versions lack these columns and load without them.
/// </summary>
public static class CaseScoreFile
{
    private static readonly string[] Columns =
        ["case", "patient", "dice", "iou", "sensitivity", "precision", "intersection", "predicted", "truth", "pixels"];

    private static readonly string[] LaterColumns = ["hd95", "assd", "seconds"];

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <exception cref="IOException">It cannot be written; what stood there before is untouched.</exception>
    public static void Write(string path, IEnumerable<CaseScore> scores) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader([.. Columns, .. LaterColumns]);
        foreach (CaseScore s in scores)
        {
            csv.WriteRecord(
                [s.CaseId, s.Group, Text(s.Dice), Text(s.IoU), Text(s.Sensitivity), Text(s.Precision),
                Text(s.Intersection), Text(s.Predicted), Text(s.Truth), Text(s.Pixels),
                Optional(s.Hd95), Optional(s.Assd), Optional(s.Seconds)]);
        }
    });

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A column is missing, or a row cannot be right; the message names the file
    /// and the row as a text editor counts them, 1 for the header.</exception>
    public static IReadOnlyList<CaseScore> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. Score the run to make it.", path);
        using CsvReader csv = CsvReader.FromFile(
            path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
        string[] missing = [.. Columns.Except(csv.Headers)];
        if (missing.Length > 0)
            throw Fault(path, 1, $"the header lacks {string.Join(", ", missing)}");

        var scores = new List<CaseScore>();
        var ids = new HashSet<string>();
        while (csv.Read())
        {
            if (csv.FieldCount != csv.Headers.Count)
                throw Fault(path, csv.LineNumber, $"{csv.FieldCount} fields instead of {csv.Headers.Count}");
            var score = new CaseScore(
                Field("case"), Field("patient"), Count(
                    "intersection"), Count("predicted"), Count("truth"), Count("pixels"))
            {
                Hd95 = Number("hd95"),
                Assd = Number("assd"),
                Seconds = Number("seconds"),
            };
            if (score.CaseId.Length == 0 || score.Group.Length == 0)
                throw Fault(path, csv.LineNumber, "the case or the patient is empty");
            if (score.Intersection > Math.Min(score.Predicted, score.Truth)
                || Math.Max(score.Predicted, score.Truth) > score.Pixels)
                throw Fault(path, csv.LineNumber, $"the pixel counts of case {score.CaseId} contradict each other");
            bool oneIsEmpty = score.Predicted == 0 || score.Truth == 0;
            if (oneIsEmpty && !(double.IsNaN(score.Hd95) && double.IsNaN(score.Assd)))
                throw Fault(
                    path, csv.LineNumber, $"case {score.CaseId} has a distance although one of its masks is empty");
            if (!ids.Add(score.CaseId))
                throw Fault(path, csv.LineNumber, $"case {score.CaseId} appears a second time");
            scores.Add(score);
        }

        if (!AtomicFile.EndsWithLine(path))
            throw Fault(path, csv.LineNumber, "the file was cut in this row: no line end follows it");
        return scores;

        string Field(string column) => csv.GetString(column);

        long Count(string column) =>
            long.TryParse(Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                ? count
                : throw Fault(path, csv.LineNumber, $"'{Field(column)}' in column {column} is not a number of pixels");

        double Number(string column)
        {
            if (!csv.Headers.Contains(column) || Field(column).Length == 0)
                return double.NaN;
            const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            return double.TryParse(Field(column), Style, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number)
                ? number
                : throw Fault(
                    path, csv.LineNumber, $"'{Field(column)}' in column {column} is not a number of 0 or more");
        }
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Optional(double number) => double.IsNaN(number) ? "" : Text(number);

    private static InvalidDataException Fault(string path, long row, string what) =>
        new($"{path}, row {row}: {what}. Restore the file, or delete it and score the run again.");
}
