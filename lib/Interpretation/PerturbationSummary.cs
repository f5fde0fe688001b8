using System.Globalization;
using C2FVL.Evaluation;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Interpretation;

/// <summary>The deletion and insertion curves of one layer over many cases.</summary>
public sealed record PerturbationSummary
{
    /// <summary>The layer, or <see cref="PerturbationCurves.Control"/>.</summary>
    public required string Layer { get; init; }

    /// <summary>The number of cases.</summary>
    public required int Cases { get; init; }

    /// <summary>The mean area under the deletion curves, 0 to 1; small is faithful.</summary>
    public required Estimate Deletion { get; init; }

    /// <summary>The mean area under the insertion curves, 0 to 1; large is faithful.</summary>
    public required Estimate Insertion { get; init; }

    /// <summary>
    /// Mean insertion area minus mean deletion area, -1 to 1; large is faithful. How easily a network is shaken moves
    /// both areas the same way and cancels here.
    /// </summary>
    public required Estimate Gap { get; init; }

    /// <summary>The mean deletion curve, at equal steps from none of the pixels away to all.</summary>
    public required IReadOnlyList<double> DeletionCurve { get; init; }

    /// <summary>The mean insertion curve, at equal steps from none of the pixels there to all.</summary>
    public required IReadOnlyList<double> InsertionCurve { get; init; }

    /// <summary>
    /// Summarises curves, a summary a layer, in the layers' order. The order of the cases does not matter.
    /// </summary>
    /// <param name="curves">Both curves of each case and layer.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="resamples">Resamples of the bootstrap over patients; 0 for no intervals. The default value is
    /// 2000.</param>
    public static IReadOnlyList<PerturbationSummary> Of(
        IEnumerable<PerturbationCurve> curves, int seed = 0, int resamples = PatientBootstrap.DefaultResamples) =>
        [.. curves.GroupBy(c => c.Layer).Select(layer => OfLayer(layer.Key, [.. layer], seed, resamples))];

    private static PerturbationSummary OfLayer(string layer, PerturbationCurve[] curves, int seed, int resamples)
    {
        PerturbationCurve[] insertion = [.. curves.Where(c => c.Insertion)], deletion = [
            .. curves.Where(c => !c.Insertion)];
        if (
            !insertion.Select(c => c.CaseId)
                .Order(StringComparer.Ordinal)
                .SequenceEqual(deletion.Select(c => c.CaseId).Order(StringComparer.Ordinal)))
            throw new ArgumentException($"The layer {layer} has not both curves of every case.");

        double[][] patients = [.. curves
            .OrderBy(c => c.CaseId, StringComparer.Ordinal)
            .GroupBy(c => c.Group)
            .Select(patient => new[]
            {
                patient.Count(c => c.Insertion),
                patient.Where(c => !c.Insertion).Sum(c => c.Area),
                patient.Where(c => c.Insertion).Sum(c => c.Area),
            })];
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(
            patients, sums => [sums[1] / sums[0], sums[2] / sums[0], (sums[2] - sums[1]) / sums[0]], seed, resamples);
        return new PerturbationSummary
        {
            Layer = layer,
            Cases = insertion.Length,
            Deletion = estimates[0],
            Insertion = estimates[1],
            Gap = estimates[2],
            DeletionCurve = Mean(deletion),
            InsertionCurve = Mean(insertion),
        };
    }

    private static double[] Mean(PerturbationCurve[] curves) =>
        [.. Enumerable.Range(0, curves[0].Belief.Count).Select(step => curves.Average(c => c.Belief[step]))];
}

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
    public static void Write(string path, int steps, IEnumerable<PerturbationCurve> curves) =>
        AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader([.. Fixed, .. Enumerable.Range(0, steps + 1).Select(k => Text((double)k / steps))]);
        foreach (PerturbationCurve c in curves)
            csv.WriteRecord([c.CaseId, c.Group, c.Layer, c.Insertion ? Insertion : Deletion, .. c.Belief.Select(Text)]);
    });

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Write"/> makes; the message names it and
    /// the row as a text editor counts them.</exception>
    public static IReadOnlyList<PerturbationCurve> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. Measure the run's curves to make it.", path);
        using CsvReader csv = CsvReader.FromFile(
            path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
        string[] steps = [.. csv.Headers.Skip(Fixed.Length)];
        if (!csv.Headers.Take(Fixed.Length).SequenceEqual(Fixed) || steps.Length < 3)
            throw Fault(
                path, 1,
                $"the header does not begin with {string.Join(", ", Fixed)} and go on with three steps or more");

        var curves = new List<PerturbationCurve>();
        while (csv.Read())
        {
            if (csv.FieldCount != csv.Headers.Count)
                throw Fault(path, csv.LineNumber, $"{csv.FieldCount} fields instead of {csv.Headers.Count}");
            bool insertion = csv.GetString("curve") switch
            {
                Deletion => false,
                Insertion => true,
                string other =>
                    throw Fault(
                        path, csv.LineNumber, $"'{other}' is not a curve; there are {Deletion} and {Insertion}"),
            };
            curves.Add(
                new PerturbationCurve(
                    csv.GetString("case"), csv.GetString("patient"), csv.GetString("layer"), insertion,
                    [.. steps.Select(Number)]));
        }

        return curves;

        double Number(string column) =>
            double.TryParse(
                csv.GetString(column), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                && value <= 1
                ? value
                : throw Fault(
                    path, csv.LineNumber, $"'{csv.GetString(column)}' in column {column} is not a probability");
    }

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static InvalidDataException Fault(string path, long row, string what) =>
        new($"{path}, row {row}: {what}. Restore the file, or delete it and measure the run again.");
}
