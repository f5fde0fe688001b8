using C2FVL.Evaluation;

namespace C2FVL.Interpretation;

/// <summary>
/// The measures of many cases' CAMs, each the mean over the cases that have a lesion, with its interval by
/// <see cref="PatientBootstrap"/>. A map that is 0 everywhere counts as 0, but for the named side, of which it says
/// nothing.
/// </summary>
/// <param name="Cases">The number of cases with a lesion; the others have nothing to point at and are left
/// out.</param>
/// <param name="Patients">The number of patients, a case of an unknown patient counting as one.</param>
/// <param name="Uniform">What a uniform map would score as energy: the lesion's share of the image. 0 in a
/// difference.</param>
/// <param name="Energy">The share of each layer's CAM inside the lesion.</param>
/// <param name="Pointing">The share of cases where each layer's CAM peaks inside the lesion.</param>
/// <param name="OnNamedSide">
/// Over the cases whose own report names one side, without maps that are 0 everywhere: the share of each layer's
/// CAM in that half of the image; NaN if there is no such case.
/// </param>
/// <param name="Cosines">The cosine of each pair of layers, in the order of <see cref="CamScore.Pairs"/>.</param>
/// <param name="Refinement">The last layer's energy minus the first's: how much the look narrows from coarse to
/// fine.</param>
/// <param name="Agreement">The mean of <paramref name="Cosines"/>: how far the layers agree.</param>
/// <param name="OneSided">The number of cases whose report names one side.</param>
/// <param name="ZeroMaps">How many of each layer's CAMs are 0 everywhere.</param>
public sealed record CamSummary(
    int Cases, int Patients, double Uniform, IReadOnlyList<Estimate> Energy, IReadOnlyList<Estimate> Pointing,
    IReadOnlyList<Estimate> OnNamedSide, IReadOnlyList<Estimate> Cosines, Estimate Refinement, Estimate Agreement,
    int OneSided, IReadOnlyList<int> ZeroMaps)
{
    /// <summary>Summarises one run's scores. The order of the cases does not matter.</summary>
    /// <param name="scores">At least one case with a lesion.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="resamples">Resamples of the bootstrap; 0 for no intervals. The default value is 2000.</param>
    /// <exception cref="ArgumentException">There is no case with a lesion.</exception>
    public static CamSummary Of(
        IReadOnlyCollection<CamScore> scores, int seed = 0, int resamples = PatientBootstrap.DefaultResamples) =>
        Summarise([.. scores.Where(s => s.Lesion > 0).Select(s => new Row(s, Values(s), Sided(s)))], seed, resamples);

    /// <summary>
    /// The other run's measures minus the reference's, case by case on the same cases, so the intervals are those of
    /// the difference. Layers are matched by their places, coarse to fine.
    /// </summary>
    /// <exception cref="ArgumentException">The two have not the same cases or as many layers.</exception>
    public static CamSummary Difference(
        IReadOnlyCollection<CamScore> reference, IReadOnlyCollection<CamScore> other, int seed = 0,
        int resamples = PatientBootstrap.DefaultResamples)
    {
        Dictionary<string, CamScore> others = other.ToDictionary(s => s.CaseId);
        if (others.Count != reference.Count || !reference.All(s => others.ContainsKey(s.CaseId)))
            throw new ArgumentException(
                "The two runs' CAMs cover different cases. Measure both runs on the same cases.");
        (int own, int its) = reference.Zip(other, (a, b) => (a.Layers.Count, b.Layers.Count))
            .FirstOrDefault(layers => layers.Item1 != layers.Item2);
        if (own != its)
            throw new ArgumentException(
                $"One run has CAMs of {own} layers and the other of {its}. Choose the same number for both.");
        IEnumerable<Row> rows = reference.Where(s => s.Lesion > 0).Select(s => new Row(
            s, [.. Values(others[s.CaseId]).Zip(Values(s), (a, b) => a - b)],
            [.. Sided(others[s.CaseId]).Zip(Sided(s), (a, b) => a && b)]));
        return Summarise([.. rows], seed, resamples);
    }

    private static CamSummary Summarise(Row[] rows, int seed, int resamples)
    {
        if (rows.Length == 0)
            throw new ArgumentException("No case has a lesion, so there is nothing to point at.");
        int layers = rows[0].Score.Layers.Count, pairs = rows[0].Score.Cosines.Count;
        double[][] patients = PatientBootstrap.SumsByPatient(
            rows.OrderBy(r => r.Score.CaseId, StringComparer.Ordinal), r => r.Score.Group, Summands);

        // In the order of Values, then the two that are made of them.
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(patients, Statistics, seed, resamples);
        Estimate[] OfLayers(int place) => [.. estimates.Skip(1 + (place * layers)).Take(layers)];
        return new CamSummary(
            rows.Length, patients.Length, estimates[0].Value, OfLayers(0), OfLayers(1), OfLayers(2),
            [.. estimates.Skip(1 + (3 * layers)).Take(pairs)], estimates[^2], estimates[^1],
            rows.Count(r => r.Score.NamesLeft is not null),
            [.. Enumerable.Range(0, layers).Select(i => rows.Count(r => r.Score.Layers[i].IsZero))]);

        // Sums begin with the number of cases, then each layer's number of maps that have a side.
        double[] Statistics(double[] sums)
        {
            int firstSide = 1 + (2 * layers);
            double[] means = [
                .. sums.Skip(1 + layers).Select(
                    (sum, i) => sum / (i >= firstSide && i < firstSide + layers ? sums[1 + i - firstSide] : sums[0]))];
            return [.. means, means[layers] - means[1], pairs == 0 ? 1 : means[^pairs..].Average()];
        }
    }

    private static double[] Summands(Row row)
    {
        int layers = row.Sided.Length, firstSide = 1 + (2 * layers);
        return
        [
            1,
            .. row.Sided.Select(sided => sided ? 1.0 : 0),
            .. row.Values.Select(
                (value, i) => i >= firstSide && i < firstSide + layers && !row.Sided[i - firstSide] ? 0 : value),
        ];
    }

    /// <summary>Lesion, then energy, pointing and named-side share of each layer, then the cosines.</summary>
    private static double[] Values(CamScore s) =>
    [
        s.Lesion,
        .. s.Layers.Select(layer => layer.Energy),
        .. s.Layers.Select(layer => layer.Hit ? 1.0 : 0),
        .. s.Layers.Select(layer => s.NamesLeft == false ? 1 - layer.Left : layer.Left),
        .. s.Cosines,
    ];

    /// <summary>For each layer, whether its share on the named side counts.</summary>
    private static bool[] Sided(CamScore s) => [.. s.Layers.Select(layer => s.NamesLeft is not null && !layer.IsZero)];

    private sealed record Row(CamScore Score, double[] Values, bool[] Sided);
}
