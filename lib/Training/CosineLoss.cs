using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Training;

/// <summary>
/// The cosine loss between C2FVL's alignment maps, the sum over the three layers that are not the anchor of
/// <c>weight (1 - cos(anchor, layer))</c>; see <see cref="CosineAlignment"/>.
/// </summary>
/// <remarks>
/// Computed in float64. A cosine does not change with the length of its vectors, so its gradient along them must
/// cancel to zero; in float32 the remainder of that sum was up to 8 % of the small gradients of a VLAB's last layers.
/// </remarks>
public static class CosineLoss
{
    private const double Smallest = 1e-8;

    /// <param name="maps">The maps of layers 1 to 4, each (B, 1, h, w) at its own size.</param>
    /// <param name="alignment">Which variant; not None.</param>
    /// <param name="weights">Alpha, beta and gamma.</param>
    /// <returns>A scalar of the maps' type, 0 to twice the sum of the weights.</returns>
    public static Tensor Compute(IReadOnlyList<Tensor> maps, CosineAlignment alignment, ReadOnlySpan<double> weights)
    {
        using DisposeScope scope = NewDisposeScope();
        int anchor = alignment == CosineAlignment.Up ? 3 : 0;
        int[] others = alignment == CosineAlignment.Up ? [0, 1, 2] : [1, 2, 3];
        Tensor[] sized = [.. maps.Select(m => alignment == CosineAlignment.Down
            ? functional.adaptive_avg_pool2d(m, maps[3].shape[2..])
            : functional.interpolate(m, size: maps[0].shape[2..], mode: InterpolationMode.Nearest))];

        Tensor loss = zeros([], dtype: ScalarType.Float64, device: maps[0].device);
        for (int i = 0; i < others.Length; i++)
            loss = loss + weights[i] * (1 - Cosine(sized[anchor], sized[others[i]]));
        return loss.to(maps[0].dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The cosine of the angle between two maps of equal size, each a vector of its pixels; the mean over images.
    /// </summary>
    /// <param name="a">(B, ...).</param>
    /// <param name="b">The same shape.</param>
    /// <returns>A float64 scalar, -1 to 1; 0 for a map of zeros.</returns>
    public static Tensor Cosine(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor u = a.flatten(1).to(ScalarType.Float64); // (B, pixels)
        Tensor v = b.flatten(1).to(ScalarType.Float64);
        return functional.cosine_similarity(u, v, dim: 1, eps: Smallest).mean().MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Which of C2FVL's alignment maps is the anchor that the cosine loss draws the other three to. The weights alpha,
/// beta and gamma belong to the three others in the order of their layers.
/// </summary>
public enum CosineAlignment
{
    /// <summary>No cosine loss.</summary>
    None,

    /// <summary>
    /// The paper's L_up, Eq. 7-8: layer 4 against 1, 2 and 3, at the size of the mask (nearest neighbour). The one
    /// that wins in the paper's Table 3.
    /// </summary>
    Up,

    /// <summary>
    /// The paper's L_down, Eq. 9-10: layer 1 against 2, 3 and 4, average-pooled to the size of layer 4. The paper is
    /// silent on the resampling; this is our reading.
    /// </summary>
    Down,

    /// <summary>
    /// What the authors' released code computes, whatever the paper says: layer 1 against 2, 3 and 4, at the size of
    /// the mask (nearest neighbour).
    /// </summary>
    Released,
}
