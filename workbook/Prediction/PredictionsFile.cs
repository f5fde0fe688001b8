using System.Globalization;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Workbook.Prediction;

/// <summary>A row of predictions.csv.</summary>
/// <param name="File">The image's file name.</param>
/// <param name="Report">The sentence that the network was given, in sides of the image; empty for none.</param>
/// <param name="LesionPixels">The lesion's pixels at the image's own size.</param>
/// <param name="LesionPercent">The lesion's share of the image, 0 to 100.</param>
/// <param name="Seconds">The network's time for the image.</param>
internal sealed record PredictionRow(
    string File, string Report, long LesionPixels, double LesionPercent, double Seconds)
{
    public static PredictionRow Of(PicturePrediction done) => new(
        Path.GetFileName(done.Task.Path),
        done.Task.Report?.ToSentence() ?? "",
        done.LesionPixels,
        Math.Round(done.LesionPercent, 4),
        Math.Round(done.Seconds, 6));
}

/// <summary>predictions.csv: one row per predicted image, in the order of the file names.</summary>
internal static class PredictionsFile
{
    public const string Name = "predictions.csv";

    private static readonly string[] Columns = ["file", "report", "lesion_pixels", "lesion_percent", "seconds"];

    /// <summary>Writes the file whole.</summary>
    public static void Write(string path, IEnumerable<PredictionRow> rows) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader(Columns);
        foreach (PredictionRow row in rows.OrderBy(row => row.File, StringComparer.Ordinal))
            csv.WriteRecord([row.File, row.Report, Text(row.LesionPixels), Text(row.LesionPercent), Text(row.Seconds)]);
    });

    /// <summary>The rows that an earlier start has written; none where it wrote no file.</summary>
    /// <exception cref="InvalidDataException">The file is none of this command's.</exception>
    public static IReadOnlyList<PredictionRow> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        var rows = new List<PredictionRow>();
        using CsvReader csv = CsvReader
            .FromFile(path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
        if (!csv.Headers.SequenceEqual(Columns))
            throw Fault(1, $"the columns are {string.Join(", ", csv.Headers)}, not {string.Join(", ", Columns)}");
        while (csv.Read())
        {
            if (csv.FieldCount != Columns.Length)
                throw Fault(csv.LineNumber, $"it has {csv.FieldCount} fields, not {Columns.Length}");
            if (!long.TryParse(
                csv.GetString("lesion_pixels"), NumberStyles.None, CultureInfo.InvariantCulture, out long pixels)
                || !double.TryParse(csv.GetString("lesion_percent"), CultureInfo.InvariantCulture, out double percent)
                || !double.TryParse(csv.GetString("seconds"), CultureInfo.InvariantCulture, out double seconds))
                throw Fault(csv.LineNumber, "a number is missing or invalid");
            rows.Add(new PredictionRow(csv.GetString("file"), csv.GetString("report"), pixels, percent, seconds));
        }

        return rows;

        InvalidDataException Fault(long row, string what) =>
            new($"{path}, row {row}: {what}. Delete the file to predict all images again, or choose another --out.");
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
