using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Evaluation;

/// <summary>How far the boundaries of two masks are from each other, in pixels of the size that was scored.</summary>
/// <remarks>
/// <para>
/// A boundary pixel belongs to the mask and has a neighbour above, below, left or right that does not; what lies
/// outside the image does not belong to it. Each boundary pixel of one mask has its Euclidean distance to the nearest
/// boundary pixel of the other, from centre to centre. Both definitions are those of Metrics Reloaded (Maier-Hein et
/// al. 2024, Nature Methods 21, 195-212, with the formulas in its supplement).
/// </para>
/// <para>
/// Other programs differ. MedPy takes one percentile over the distances of both directions together, which is smaller
/// or equal, and its ASSD is the mean of the two directions' means. Compare our numbers with such numbers with care.
/// </para>
/// <para>A distance needs both masks: where the prediction or the truth is empty there is none, whatever the other
/// is.</para>
/// </remarks>
/// <param name="Hd95">
/// The 95th percentile of the Hausdorff distance: of each direction the 95th percentile of the distances (linear
/// between two of them, as NumPy's default), of the two directions the larger.
/// </param>
/// <param name="Assd">
/// The average symmetric surface distance: the mean of the distances of both directions, each boundary pixel counting
/// once.
/// </param>
public readonly record struct BoundaryDistances(double Hd95, double Assd)
{
    /// <summary>Measures two masks of one size.</summary>
    /// <param name="prediction">Shape (H, W), on the CPU: true inside the predicted lesion.</param>
    /// <param name="truth">The same for the mask.</param>
    /// <returns>The distances; null where one of the masks is empty.</returns>
    public static BoundaryDistances? Of(Tensor prediction, Tensor truth)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor predicted = Boundary(prediction), actual = Boundary(truth); // (H, W)
        if (!predicted.any().item<bool>() || !actual.any().item<bool>())
            return null;
        double[] toTruth = From(predicted, actual), toPrediction = From(actual, predicted);
        return new BoundaryDistances(
            Math.Max(PatientBootstrap.Quantile(toTruth, 0.95), PatientBootstrap.Quantile(toPrediction, 0.95)),
            (toTruth.Sum() + toPrediction.Sum()) / (toTruth.Length + toPrediction.Length));
    }

    /// <summary>Whether a pixel is of the boundary, (H, W).</summary>
    private static Tensor Boundary(Tensor mask)
    {
        Tensor padded = nn.functional.pad(mask.to(ScalarType.Float32), [1, 1, 1, 1]); // (H + 2, W + 2)
        Tensor Moved(int down, int right) =>
            padded.narrow(0, 1 + down, mask.shape[0]).narrow(1, 1 + right, mask.shape[1]);
        Tensor inside = Moved(-1, 0) * Moved(1, 0) * Moved(0, -1) * Moved(0, 1); // (H, W)
        return mask & (inside == 0);
    }

    /// <summary>
    /// The distance of each pixel of one boundary to the other boundary, from near to far: the root of the least
    /// (x - i)² + d(y, i)² over the columns i, with d to the nearest marked pixel of the column. The squares are whole
    /// numbers, so it is exact.
    /// </summary>
    private static double[] From(Tensor one, Tensor other)
    {
        Tensor rows = arange(other.shape[0], dtype: ScalarType.Float64).unsqueeze(1); // (H, 1)
        Tensor columns = arange(other.shape[1], dtype: ScalarType.Float64); // (W)
        Tensor Marked(double elsewhere) => rows.expand(other.shape).masked_fill(~other, elsewhere);
        Tensor above = Marked(double.NegativeInfinity).cummax(0).values;
        Tensor below = Marked(double.PositiveInfinity).flip(0).cummin(0).values.flip(0);
        Tensor inColumn = minimum(rows - above, below - rows).square(); // (H, W)
        IEnumerable<Tensor> parts = one.nonzero().split(1 << 11).Select(part => // so many rows of W at a time
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = part.narrow(1, 1, 1), y = part.select(1, 0);
            return ((x - columns).square() + inColumn.index_select(0, y)).amin(1).sqrt().MoveToOuterDisposeScope();
        });
        return [.. cat([.. parts]).data<double>().ToArray().Order()]; // the order of the sum decides its last bits
    }
}
