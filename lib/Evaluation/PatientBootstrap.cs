using System.Numerics.Tensors;
using C2FVL.Data;
using C2FVL.Platform;
using MathNet.Numerics.Statistics;

namespace C2FVL.Evaluation;

/// <summary>
/// Percentile intervals by bootstrap over patients (Efron and Tibshirani 1993, chapter 13; Davison and Hinkley 1997,
/// section 3.8 for clusters): whole patients are drawn with replacement, so that several images of one patient, which
/// look alike, do not pass for independent ones.
/// </summary>
/// <remarks>
/// Every statistic here is a function of sums over cases. The sums of each patient are taken once; a resample adds up
/// patients, not cases.
/// </remarks>
public static class PatientBootstrap
{
    public const int DefaultResamples = 2000;

    /// <summary>What each end of an interval leaves out, so that it covers 95 %.</summary>
    private const double Tail = (1 - 0.95) / 2;

    /// <summary>
    /// What is drawn with these scores, in words for captions: "over patients", or "over images, patients unknown"
    /// where each case is a group of its own.
    /// </summary>
    public static string Over(IEnumerable<CaseScore> scores) => Over([("", scores)]);

    /// <summary>
    /// The same for several data sets; where they differ, those without patients are named: "over patients (SET: over
    /// images, patients unknown)".
    /// </summary>
    /// <param name="sets">What each data set is called, and its scores, of any number of runs; sets without scores have
    /// no say.</param>
    public static string Over(IEnumerable<(string Data, IEnumerable<CaseScore> Scores)> sets)
    {
        const string Patients = "over patients", Images = "over images, patients unknown";
        var found = sets.Where(set => set.Scores.Any()).ToLookup(
            set => set.Scores.All(score => score.Group == score.CaseId), set => set.Data);
        if (!found[true].Any())
            return Patients;
        return found[false].Any() ? $"{Patients} ({string.Join(", ", found[true])}: {Images})" : Images;
    }

    /// <summary>A row a patient, in the order of their first cases: the sums of each case's values.</summary>
    internal static double[][] SumsByPatient<T>(
        IEnumerable<T> cases, Func<T, string> patient, Func<T, double[]> values) =>
        [.. cases.GroupBy(patient).Select(own => Sum([.. own.Select(values)]))];

    /// <summary>Estimates statistics of sums, each with its interval.</summary>
    /// <param name="patientSums">A row a patient, all of one length: the sums over the patient's cases.</param>
    /// <param name="statistics">The statistics of the sums over all drawn patients; as many at each call.</param>
    /// <param name="seed">The seed; the same one and the same rows in the same order give the same bits.</param>
    /// <param name="resamples">How often patients are drawn; 0 for no interval. The default value is 2000.</param>
    /// <returns>
    /// One estimate per statistic. With one patient, or no resamples, there is no interval and its ends are NaN.
    /// Resamples for which a statistic is NaN (no drawn case has a distance) are left out of its interval.
    /// </returns>
    public static IReadOnlyList<Estimate> Estimate(
        IReadOnlyList<double[]> patientSums, Func<double[], double[]> statistics, int seed = 0,
        int resamples = DefaultResamples)
    {
        if (patientSums.Count == 0)
            throw new ArgumentException("No case was scored, so there is nothing to estimate.");
        double[] sums = Sum(patientSums);
        double[] values = statistics(sums);
        if (patientSums.Count == 1 || resamples == 0)
            return [.. values.Select(value => new Estimate(value, double.NaN, double.NaN))];

        Random random = Seeds.Random(seed, "bootstrap");
        double[][] drawn = [.. Enumerable.Range(0, resamples).Select(_ =>
        {
            Array.Clear(sums);
            for (int draw = 0; draw < patientSums.Count; draw++)
                TensorPrimitives.Add(sums, patientSums[random.Next(patientSums.Count)], sums);
            return statistics(sums);
        })];

        return [.. values.Select((value, i) => new Estimate(value, End(i, Tail), End(i, 1 - Tail)))];

        double End(int i, double tau) => Quantile(drawn.Select(resample => resample[i]), tau);
    }

    private static double[] Sum(IReadOnlyList<double[]> rows)
    {
        var sums = new double[rows[0].Length];
        foreach (double[] row in rows)
            TensorPrimitives.Add(sums, row, sums);
        return sums;
    }

    /// <summary>
    /// The one rule for quantiles: linear between two values, as NumPy's default; NaN is left out.
    /// </summary>
    internal static double Quantile(IEnumerable<double> values, double tau) => SortedArrayStatistics.QuantileCustom(
        [.. values.Where(value => !double.IsNaN(value)).Order()], tau, QuantileDefinition.R7);
}
