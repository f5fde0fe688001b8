using C2FVL.Data;

namespace C2FVL.Evaluation;

/// <summary>
/// Scores of a list of cases in both reductions, each 0 to 1 with its interval by <see cref="PatientBootstrap"/>. Mean:
/// each image is scored, then averaged; every image counts the same. Pooled: the pixels of all images are added up and
/// scored once. The two differ by many points and are never compared with each other.
/// </summary>
/// <param name="Cases">The number of scores: of images, and for the scores of several runs together of images times
/// runs.</param>
/// <param name="Patients">The number of patients, an image of an unknown patient counting as one; several runs have no
/// more of them.</param>
/// <param name="MeanDice">The mean Dice over images.</param>
/// <param name="MeanIoU">The mean IoU over images.</param>
/// <param name="MeanSensitivity">The mean sensitivity over images.</param>
/// <param name="MeanPrecision">The mean precision over images.</param>
/// <param name="PooledDice">The Dice of all images' pixels together.</param>
/// <param name="PooledIoU">Its value is D / (2 - D) for the pooled Dice D.</param>
/// <param name="PooledSensitivity">The sensitivity of all images' pixels together.</param>
/// <param name="PooledPrecision">The precision of all images' pixels together.</param>
/// <param name="MeanHd95">
/// The mean <see cref="CaseScore.Hd95"/> in pixels over the images that have one. An image with an empty prediction
/// has none, so a method is not punished here for what it does not find: read it beside
/// <paramref name="CasesWithDistances"/>. NaN if no image has one.
/// </param>
/// <param name="MeanAssd">The mean <see cref="CaseScore.Assd"/> in pixels over the images that have one; NaN if none
/// has.</param>
/// <param name="CasesWithDistances">The number of scores with distances: both masks have lesion pixels.</param>
/// <param name="SecondsPerCase">The mean <see cref="CaseScore.Seconds"/> over the images; NaN if it was not
/// measured.</param>
public sealed record ScoreSummary(
    int Cases, int Patients, Estimate MeanDice, Estimate MeanIoU, Estimate MeanSensitivity, Estimate MeanPrecision,
    Estimate PooledDice, Estimate PooledIoU, Estimate PooledSensitivity, Estimate PooledPrecision,
    Estimate MeanHd95, Estimate MeanAssd, int CasesWithDistances, double SecondsPerCase)
{
    /// <summary>Summarises scores. The order of the cases does not matter.</summary>
    /// <param name="scores">At least one case.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="resamples">Resamples of the bootstrap; 0 for no intervals. The default value is 2000.</param>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static ScoreSummary Of(
        IReadOnlyCollection<CaseScore> scores, int seed = 0, int resamples = PatientBootstrap.DefaultResamples)
    {
        double[][] patients = PatientBootstrap.SumsByPatient(
            scores.OrderBy(score => score.CaseId, StringComparer.Ordinal), score => score.Group, Values);
        IReadOnlyList<Estimate> e = PatientBootstrap.Estimate(patients, Statistics, seed, resamples);
        double seconds = scores.Select(score => score.Seconds).Where(double.IsFinite).DefaultIfEmpty(double.NaN)
            .Average();
        return new ScoreSummary(
            scores.Count, patients.Length, e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8], e[9],
            scores.Count(HasDistances), seconds);
    }

    private static double[] Values(CaseScore score)
    {
        bool distances = HasDistances(score);
        return
        [
            1, score.Dice, score.IoU, score.Sensitivity, score.Precision,
            score.Intersection, score.Predicted, score.Truth,
            distances ? 1 : 0, distances ? score.Hd95 : 0, distances ? score.Assd : 0,
        ];
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
