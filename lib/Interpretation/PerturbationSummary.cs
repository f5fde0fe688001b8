using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Platform;

namespace C2FVL.Interpretation;

/// <summary>The deletion and insertion curves of one layer over many cases.</summary>
/// <param name="Layer">The layer, or <see cref="PerturbationCurves.Control"/>.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Deletion">The mean area under the deletion curves, 0 to 1; small is faithful.</param>
/// <param name="Insertion">The mean area under the insertion curves, 0 to 1; large is faithful.</param>
/// <param name="Gap">
/// Mean insertion area minus mean deletion area, -1 to 1; large is faithful. How easily a network is shaken moves
/// both areas the same way and cancels here.
/// </param>
/// <param name="DeletionCurve">The mean deletion curve, at equal steps from none of the pixels away to all.</param>
/// <param name="InsertionCurve">The mean insertion curve, at equal steps from none of the pixels there to all.</param>
public sealed record PerturbationSummary(
    string Layer, int Cases, Estimate Deletion, Estimate Insertion, Estimate Gap, IReadOnlyList<double> DeletionCurve,
    IReadOnlyList<double> InsertionCurve)
{
    /// <summary>
    /// Summarises curves, one summary per layer, in the layers' order. The order of the cases does not matter.
    /// </summary>
    /// <param name="curves">Both curves of each case and layer.</param>
    public static IReadOnlyList<PerturbationSummary> Of(IEnumerable<PerturbationCurve> curves) =>
        [.. curves.GroupBy(c => c.Layer).Select(layer => OfLayer(layer.Key, [.. layer]))];

    private static PerturbationSummary OfLayer(string layer, PerturbationCurve[] curves)
    {
        PerturbationCurve[] insertion = [.. curves.Where(c => c.Insertion)];
        PerturbationCurve[] deletion = [.. curves.Where(c => !c.Insertion)];
        IEnumerable<string> Cases(PerturbationCurve[] own) => own.Select(c => c.CaseId).Order(StringComparer.Ordinal);
        if (!Cases(insertion).SequenceEqual(Cases(deletion)))
            throw new ArgumentException($"The layer {layer} does not have both curves of every case.");

        double[][] patients = PatientBootstrap.SumsByPatient(
            curves.OrderBy(c => c.CaseId, StringComparer.Ordinal), c => c.Group,
            c => c.Insertion ? [1, 0, c.Area] : [0, c.Area, 0]);
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(
            patients, sums => [sums[1] / sums[0], sums[2] / sums[0], (sums[2] - sums[1]) / sums[0]]);
        return new PerturbationSummary(
            layer, insertion.Length, estimates[0], estimates[1], estimates[2], Mean(deletion), Mean(insertion));
    }

    private static double[] Mean(PerturbationCurve[] curves) =>
        [.. Enumerable.Range(0, curves[0].Probability.Count).Select(step => curves.Average(c => c.Probability[step]))];
}

/// <summary>
/// One row per curve, four decimals: case, patient, layer, curve (deletion or insertion), then the probability at
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
    public static void Write(string path, int steps, IEnumerable<PerturbationCurve> curves) => CsvRows.Write(
        path, [.. Fixed, .. Enumerable.Range(0, steps + 1).Select(k => $"{CamScoreFile.Short((double)k / steps)}")],
        curves.Select(c => (object[])[
            c.CaseId, c.Group, c.Layer, c.Insertion ? Insertion : Deletion,
            .. c.Probability.Select(CamScoreFile.Short)]));

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Write"/> makes; the message names it and
    /// the row as a text editor counts them.</exception>
    public static IReadOnlyList<PerturbationCurve> Read(string path)
    {
        using var csv = new CsvRows(
            path, "Measure the run's curves to make it.", "Restore the file, or delete it and measure the run again.");
        string[] steps = [.. csv.Columns.Skip(Fixed.Length)];
        if (!csv.Columns.Take(Fixed.Length).SequenceEqual(Fixed) || steps.Length < 3)
            throw csv.Fault(
                $"the header does not begin with {string.Join(", ", Fixed)} and go on with three steps or more");

        return [.. csv.Read(() => new PerturbationCurve(
            csv.Text("case"), csv.Text("patient"), csv.Text("layer"), csv.Text("curve") switch
            {
                Insertion => true,
                Deletion => false,
                string other => throw csv.Fault($"'{other}' is not a curve; there are {Deletion} and {Insertion}"),
            },
            [.. steps.Select(step => csv.Number(step, "a probability", most: 1))]))];
    }
}
