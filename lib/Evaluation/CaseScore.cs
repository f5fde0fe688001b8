using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Evaluation;

/// <summary>One case's prediction against its mask, as pixel counts at the size that was scored.</summary>
/// <remarks>
/// The empty-mask rule: an empty prediction on an empty mask scores 1. Any other prediction on an empty mask scores 0,
/// and so does an empty prediction on a mask with a lesion. The rule is the same for Dice, IoU, sensitivity and
/// precision; see <see cref="Evaluation.Overlap"/>.
/// </remarks>
/// <param name="CaseId">The case's id.</param>
/// <param name="Group">The patient, or the case itself if the patient is unknown: the unit of the bootstrap and the
/// tests.</param>
/// <param name="Intersection">Lesion pixels in both.</param>
/// <param name="Predicted">Lesion pixels of the prediction.</param>
/// <param name="Truth">Lesion pixels of the mask.</param>
/// <param name="Pixels">All pixels of the image.</param>
public sealed record CaseScore(string CaseId, string Group, long Intersection, long Predicted, long Truth, long Pixels)
{
    /// <summary>A pixel is lesion if its probability is at least this.</summary>
    public const double DefaultThreshold = 0.5;

    /// <summary>
    /// The 95 % Hausdorff distance in pixels of the size that was scored, see <see cref="BoundaryDistances"/>; NaN
    /// where prediction or mask is empty, and in scores of older versions.
    /// </summary>
    public double Hd95 { get; init; } = double.NaN;

    /// <summary>The average symmetric surface distance in pixels; NaN as above.</summary>
    public double Assd { get; init; } = double.NaN;

    /// <summary>
    /// The seconds of one case's prediction, from the image in memory to the probabilities, without reading and
    /// scoring. In a batch it is the batch's time divided by its cases. NaN if it was not measured. It depends on the
    /// machine: two bit-equal runs differ in it.
    /// </summary>
    public double Seconds { get; init; } = double.NaN;

    public Overlap Overlap => new(Intersection, Predicted, Truth);

    /// <inheritdoc cref="Overlap.Dice"/>
    public double Dice => Overlap.Dice;

    /// <inheritdoc cref="Overlap.IoU"/>
    public double IoU => Overlap.IoU;

    /// <inheritdoc cref="Overlap.Sensitivity"/>
    public double Sensitivity => Overlap.Sensitivity;

    /// <inheritdoc cref="Overlap.Precision"/>
    public double Precision => Overlap.Precision;

    /// <summary>Scores a batch, lesion where the probability is at least <see cref="DefaultThreshold"/>.</summary>
    /// <param name="prediction">Shape (B, 1, H, W): probabilities 0 to 1 of a floating type, or booleans.</param>
    /// <param name="batch">The batch that was predicted; its mask has the prediction's shape, on any device.</param>
    /// <returns>One score per case, in the order of the rows.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or a value is not a probability (a logit, or NaN from a
    /// diverged network); the case is named.</exception>
    public static IReadOnlyList<CaseScore> Of(Tensor prediction, Batch batch)
    {
        if (prediction.dim() != 4 || prediction.shape[1] != 1 || !prediction.shape.SequenceEqual(batch.Mask.shape)
            || prediction.shape[0] != batch.Cases.Count)
            throw new ArgumentException(
                $"The prediction is ({string.Join(", ", prediction.shape)}), the mask "
                    + $"({string.Join(", ", batch.Mask.shape)}) for {batch.Cases.Count} cases; both must be (B, 1, "
                    + "H, W).");

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        prediction = prediction.cpu();
        bool isMask = prediction.dtype == ScalarType.Bool;
        Tensor predicted = isMask ? prediction : prediction >= DefaultThreshold;                  // (B, 1, H, W)
        Tensor truth = batch.Mask.cpu() >= 0.5;                                                   // (B, 1, H, W)
        Tensor valid = isMask ? ones_like(prediction) : (prediction >= 0) & (prediction <= 1);    // false for NaN too
        return [.. batch.Cases.Select((given, row) =>
        {
            long bad = valid[row].numel() - Count(valid[row]);
            return bad == 0 ? Of(given.Id, given.Group, predicted[row, 0], truth[row, 0]) : throw new ArgumentException(
                $"Case {given.Id}: {bad} of {valid[row].numel()} predicted values are not probabilities from 0 to 1. "
                    + "Pass probabilities, not logits. If these are probabilities, the network has diverged.");
        })];
    }

    /// <summary>Scores one mask against another of the same size.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static CaseScore Of(string caseId, string group, BinaryMask prediction, BinaryMask truth)
    {
        if (prediction.Width != truth.Width || prediction.Height != truth.Height)
            throw new ArgumentException(
                $"Case {caseId}: the prediction is {prediction.Width} x {prediction.Height}, its mask {truth.Width} "
                    + $"x {truth.Height}. Resize one to the other's size first.");
        using var scope = NewDisposeScope();
        return Of(caseId, group, Lesion(prediction), Lesion(truth));

        static Tensor Lesion(BinaryMask mask) => tensor(mask.Pixels, [mask.Height, mask.Width]) != 0;
    }

    /// <summary>Scores boolean masks (H, W) on the CPU.</summary>
    private static CaseScore Of(string id, string group, Tensor predicted, Tensor truth)
    {
        var distances = BoundaryDistances.Of(predicted, truth);
        return new CaseScore(id, group, Count(predicted & truth), Count(predicted), Count(truth), truth.numel())
        { Hd95 = distances?.Hd95 ?? double.NaN, Assd = distances?.Assd ?? double.NaN };
    }

    private static long Count(Tensor mask) => mask.sum().item<long>();
}

/// <summary>
/// The pooled score: the pixels of all images are added up and scored once. Large lesions count more. On QaTa it is 7
/// to 9 points above the mean over images, so never compare the two.
/// </summary>
public static class PooledScore
{
    /// <summary>The pixel counts of all cases together; without cases it is empty on empty, which scores 1.</summary>
    public static Overlap Of(IEnumerable<CaseScore> scores) =>
        scores.Aggregate(default(Overlap), (sum, score) => sum + score.Overlap);
}

/// <summary>
/// Pixel counts of a prediction against the truth, for one image or several added up, and the scores that follow from
/// them, each 0 to 1.
/// </summary>
/// <remarks>
/// The empty-mask rule, the same for all four scores: if the truth has no pixel, an empty prediction scores 1 and any
/// other 0. If the truth has pixels and the prediction has none, all four are 0, precision included.
/// </remarks>
/// <param name="Intersection">Lesion pixels in both.</param>
/// <param name="Predicted">Lesion pixels of the prediction.</param>
/// <param name="Truth">Lesion pixels of the truth.</param>
public readonly record struct Overlap(long Intersection, long Predicted, long Truth)
{
    /// <summary>2 |P and T| / (|P| + |T|).</summary>
    public double Dice => Ratio(2.0 * Intersection, Predicted + Truth);

    /// <summary>
    /// Intersection over union, |P and T| / |P or T|; it equals D / (2 - D) for the Dice D of the same counts.
    /// </summary>
    public double IoU => Ratio(Intersection, Predicted + Truth - Intersection);

    /// <summary>The share of the lesion that is found, |P and T| / |T|.</summary>
    public double Sensitivity => Ratio(Intersection, Truth);

    /// <summary>The share of the prediction that is lesion, |P and T| / |P|.</summary>
    public double Precision => Ratio(Intersection, Predicted);

    public static Overlap operator +(Overlap a, Overlap b) =>
        new(a.Intersection + b.Intersection, a.Predicted + b.Predicted, a.Truth + b.Truth);

    private double Ratio(double part, long whole)
    {
        if (Truth == 0)
            return Predicted == 0 ? 1 : 0;
        return Predicted == 0 ? 0 : part / whole;
    }
}
