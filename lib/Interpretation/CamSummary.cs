using C2FVL.Data;
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
    /// <exception cref="ArgumentException">There is no case with a lesion.</exception>
    public static CamSummary Of(IReadOnlyCollection<CamScore> scores) => Summarise(scores, Values);

    /// <summary>
    /// The other run's measures minus the reference's, case by case on the same cases, so the intervals are those of
    /// the difference. Layers are matched by their places, coarse to fine.
    /// </summary>
    /// <exception cref="ArgumentException">The two have not the same cases or as many layers.</exception>
    public static CamSummary Difference(IReadOnlyCollection<CamScore> reference, IReadOnlyCollection<CamScore> other)
    {
        Dictionary<string, CamScore> others = other.ToDictionary(s => s.CaseId);
        if (others.Count != reference.Count || !reference.All(s => others.ContainsKey(s.CaseId)))
            throw new ArgumentException(
                "The two runs' CAMs cover different cases. Measure both runs on the same cases.");
        if (reference.FirstOrDefault(s => s.Layers.Count != others[s.CaseId].Layers.Count) is CamScore strange)
            throw new ArgumentException(
                $"One run has CAMs of {strange.Layers.Count} layers and the other of "
                    + $"{others[strange.CaseId].Layers.Count}. Choose the same number for both.");
        return Summarise(reference, s => [.. Values(others[s.CaseId]).Zip(Values(s), (a, b) => a - b)]);
    }

    /// <param name="scores">The cases.</param>
    /// <param name="values">A case's measures in the order of <see cref="Values"/>; null where one does not
    /// count.</param>
    private static CamSummary Summarise(IEnumerable<CamScore> scores, Func<CamScore, double?[]> values)
    {
        CamScore[] cases = [.. scores.Where(s => s.Lesion > 0).OrderBy(s => s.CaseId, StringComparer.Ordinal)];
        if (cases.Length == 0)
            throw new ArgumentException("No case has a lesion, so there is nothing to point at.");
        int layers = cases[0].Layers.Count, pairs = cases[0].Cosines.Count;
        double[][] patients = PatientBootstrap.SumsByPatient(
            cases, s => s.Group, s => [.. values(s).SelectMany(v => new[] { v ?? 0, v is null ? 0 : 1 })]);
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(patients, sums =>
        {
            double[] means = [.. sums.Chunk(2).Select(value => value[0] / value[1])];
            return [.. means, means[layers] - means[1], pairs == 0 ? 1 : means[^pairs..].Average()];
        });
        Estimate[] OfLayers(int place) => [.. estimates.Skip(1 + (place * layers)).Take(layers)];
        return new CamSummary(
            cases.Length, patients.Length, estimates[0].Value, OfLayers(0), OfLayers(1), OfLayers(2),
            [.. estimates.Skip(1 + (3 * layers)).Take(pairs)], estimates[^2], estimates[^1],
            cases.Count(s => s.NamesLeft is not null),
            [.. Enumerable.Range(0, layers).Select(i => cases.Count(s => s.Layers[i].IsZero))]);
    }

    /// <summary>Lesion, then energy, pointing and named-side share of each layer, then the cosines.</summary>
    private static double?[] Values(CamScore s) =>
    [
        s.Lesion,
        .. s.Layers.Select(layer => layer.Energy),
        .. s.Layers.Select(layer => layer.Hit ? 1.0 : 0),
        .. s.Layers.Select(layer => layer.IsZero ? null : s.NamesLeft switch
        {
            true => layer.Left,
            false => 1 - layer.Left,
            null => (double?)null,
        }),
        .. s.Cosines,
    ];
}
