using System.Globalization;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Interpretation;

/// <summary>
/// A row a curve, four digits after the point: case, patient, layer, curve (deletion or insertion), then the belief at
/// each step under the share of pixels moved, such as <c>0.05</c>.
/// </summary>
public static class PerturbationFile
{
    private const string Deletion = "deletion", Insertion = "insertion";

    private static readonly string[] Fixed = ["case", "patient", "layer", "curve"];

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="steps">The number of steps of all curves.</param>
    /// <param name="curves">The curves.</param>
    public static void Write(string path, int steps, IEnumerable<PerturbationCurve> curves) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader([.. Fixed, .. Enumerable.Range(0, steps + 1).Select(k => Text((double)k / steps))]);
        foreach (PerturbationCurve c in curves)
            csv.WriteRecord([c.CaseId, c.Group, c.Layer, c.Insertion ? Insertion : Deletion, .. c.Belief.Select(Text)]);
    });

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Write"/> makes; the message names it and the row as a text editor counts them.</exception>
    public static IReadOnlyList<PerturbationCurve> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. Measure the run's curves to make it.", path);
        using CsvReader csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
        string[] steps = [.. csv.Headers.Skip(Fixed.Length)];
        if (!csv.Headers.Take(Fixed.Length).SequenceEqual(Fixed) || steps.Length < 3)
            throw Fault(path, 1, $"the header does not begin with {string.Join(", ", Fixed)} and go on with three steps or more");

        var curves = new List<PerturbationCurve>();
        while (csv.Read())
        {
            if (csv.FieldCount != csv.Headers.Count)
                throw Fault(path, csv.LineNumber, $"{csv.FieldCount} fields instead of {csv.Headers.Count}");
            bool insertion = csv.GetString("curve") switch
            {
                Deletion => false,
                Insertion => true,
                string other => throw Fault(path, csv.LineNumber, $"'{other}' is not a curve; there are {Deletion} and {Insertion}"),
            };
            curves.Add(new PerturbationCurve(csv.GetString("case"), csv.GetString("patient"), csv.GetString("layer"), insertion, [.. steps.Select(Number)]));
        }

        return curves;

        double Number(string column) =>
            double.TryParse(csv.GetString(column), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= 1
                ? value
                : throw Fault(path, csv.LineNumber, $"'{csv.GetString(column)}' in column {column} is not a probability");
    }

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static InvalidDataException Fault(string path, long row, string what) =>
        new($"{path}, row {row}: {what}. Restore the file, or delete it and measure the run again.");
}
