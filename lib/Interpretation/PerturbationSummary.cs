using C2FVL.Evaluation;

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

    /// <summary>Summarises curves, a summary a layer, in the layers' order. The order of the cases does not matter.</summary>
    /// <param name="curves">Both curves of each case and layer.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="resamples">Resamples of the bootstrap over patients; 0 for no intervals. The default value is 2000.</param>
    public static IReadOnlyList<PerturbationSummary> Of(IEnumerable<PerturbationCurve> curves, int seed = 0, int resamples = PatientBootstrap.DefaultResamples) =>
        [.. curves.GroupBy(c => c.Layer).Select(layer => OfLayer(layer.Key, [.. layer], seed, resamples))];

    private static PerturbationSummary OfLayer(string layer, PerturbationCurve[] curves, int seed, int resamples)
    {
        PerturbationCurve[] insertion = [.. curves.Where(c => c.Insertion)], deletion = [.. curves.Where(c => !c.Insertion)];
        if (!insertion.Select(c => c.CaseId).Order(StringComparer.Ordinal).SequenceEqual(deletion.Select(c => c.CaseId).Order(StringComparer.Ordinal)))
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
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(patients, sums => [sums[1] / sums[0], sums[2] / sums[0], (sums[2] - sums[1]) / sums[0]], seed, resamples);
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
