using MathNet.Numerics.Statistics;

namespace C2FVL.Evaluation;

/// <summary>
/// Scores of a list of cases in both reductions, each 0 to 1 with its interval by <see cref="PatientBootstrap"/>. Mean:
/// each image is scored, then averaged; every image counts the same. Pooled: the pixels of all images are added up and
/// scored once. The two differ by many points and are never compared with each other.
/// </summary>
public sealed record ScoreSummary
{
    /// <summary>
    /// The number of scores: of images, and for the scores of several runs together of images times runs.
    /// </summary>
    public required int Cases { get; init; }

    /// <summary>
    /// The number of patients, an image of an unknown patient counting as one; several runs have no more of them.
    /// </summary>
    public required int Patients { get; init; }

    public required Estimate MeanDice { get; init; }

    public required Estimate MeanIoU { get; init; }

    public required Estimate MeanSensitivity { get; init; }

    public required Estimate MeanPrecision { get; init; }

    public required Estimate PooledDice { get; init; }

    /// <summary>Its value is D / (2 - D) for the pooled Dice D.</summary>
    public required Estimate PooledIoU { get; init; }

    public required Estimate PooledSensitivity { get; init; }

    public required Estimate PooledPrecision { get; init; }

    /// <summary>
    /// The mean <see cref="CaseScore.Hd95"/> in pixels over the images that have one. An image with an empty prediction
    /// has none, so a method is not punished here for what it does not find: read it beside
    /// <see cref="CasesWithDistances"/>. NaN where no image has one.
    /// </summary>
    public required Estimate MeanHd95 { get; init; }

    /// <summary>
    /// The mean <see cref="CaseScore.Assd"/> in pixels over the images that have one; NaN where none has.
    /// </summary>
    public required Estimate MeanAssd { get; init; }

    /// <summary>The number of scores with distances: both masks have lesion pixels.</summary>
    public required int CasesWithDistances { get; init; }

    /// <summary>The mean <see cref="CaseScore.Seconds"/> over the images; NaN where it was not measured.</summary>
    public required double SecondsPerCase { get; init; }

    /// <summary>Summarises scores. The order of the cases does not matter.</summary>
    /// <param name="scores">At least one case.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="resamples">Resamples of the bootstrap; 0 for no intervals. The default value is 2000.</param>
    /// <param name="confidence">The intervals' coverage. The default value is 0.95.</param>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static ScoreSummary Of(
        IReadOnlyCollection<CaseScore> scores,
        int seed = 0,
        int resamples = PatientBootstrap.DefaultResamples,
        double confidence = PatientBootstrap.DefaultConfidence)
    {
        double[][] patients = [.. scores
            .OrderBy(score => score.CaseId, StringComparer.Ordinal)
            .GroupBy(score => score.Group)
            .Select(Sums)];
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(
            patients, Statistics, seed, resamples, confidence);
        return new ScoreSummary
        {
            Cases = scores.Count,
            Patients = patients.Length,
            MeanDice = estimates[0],
            MeanIoU = estimates[1],
            MeanSensitivity = estimates[2],
            MeanPrecision = estimates[3],
            PooledDice = estimates[4],
            PooledIoU = estimates[5],
            PooledSensitivity = estimates[6],
            PooledPrecision = estimates[7],
            MeanHd95 = estimates[8],
            MeanAssd = estimates[9],
            CasesWithDistances = scores.Count(HasDistances),
            SecondsPerCase = scores.Select(score => score.Seconds)
                .Where(double.IsFinite)
                .DefaultIfEmpty(double.NaN)
                .Average(),
        };
    }

    private static double[] Sums(IEnumerable<CaseScore> patient)
    {
        var sums = new double[11];
        foreach (CaseScore score in patient)
        {
            bool distances = HasDistances(score);
            double[] own =
            [
                1, score.Dice, score.IoU, score.Sensitivity, score.Precision, score.Intersection, score.Predicted, score.Truth,
                distances ? 1 : 0, distances ? score.Hd95 : 0, distances ? score.Assd : 0,
            ];
            for (int i = 0; i < sums.Length; i++)
                sums[i] += own[i];
        }

        return sums;
    }

    private static double[] Statistics(double[] sums)
    {
        double cases = sums[0];
        // Pixel counts stay far below 2^53, so that the doubles hold them exactly.
        var pooled = new Overlap((long)sums[5], (long)sums[6], (long)sums[7]);
        return
        [
            sums[1] / cases, sums[2] / cases, sums[3] / cases, sums[4] / cases,
            pooled.Dice, pooled.IoU, pooled.Sensitivity, pooled.Precision,
            sums[9] / sums[8], sums[10] / sums[8], // NaN where no drawn image has distances
        ];
    }

    private static bool HasDistances(CaseScore score) => !double.IsNaN(score.Hd95) && !double.IsNaN(score.Assd);
}

/// <summary>
/// One score over runs that differ in their seed alone, such as the mean Dice of each. It tells how much training
/// varies; an interval by <see cref="PatientBootstrap"/> tells how much the choice of patients does.
/// </summary>
/// <param name="Runs">The number of runs.</param>
/// <param name="Mean">The mean over the runs.</param>
/// <param name="StandardDeviation">The sample's, with Runs - 1 below the line; NaN for a single run.</param>
public sealed record SeedSummary(int Runs, double Mean, double StandardDeviation)
{
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static SeedSummary Of(IReadOnlyCollection<double> runs)
    {
        if (runs.Count == 0)
            throw new ArgumentException("No run was given, so there is nothing to summarise.");
        (double mean, double deviation) = runs.MeanStandardDeviation();
        return new SeedSummary(runs.Count, mean, deviation);
    }

    /// <summary>
    /// A score from 0 to 1 in percent, such as "74.8 ± 0.4 (3 runs)"; for a single run the value alone.
    /// </summary>
    public string ToPercent() => Runs == 1
        ? FormattableString.Invariant($"{100 * Mean:0.0}")
        : FormattableString.Invariant($"{100 * Mean:0.0} ± {100 * StandardDeviation:0.0} ({Runs} runs)");

    /// <summary>Such as "0.748 ± 0.004 (3 runs)"; for a single run the value alone.</summary>
    public override string ToString() => Runs == 1
        ? FormattableString.Invariant($"{Mean:0.000}")
        : FormattableString.Invariant($"{Mean:0.000} ± {StandardDeviation:0.000} ({Runs} runs)");
}
