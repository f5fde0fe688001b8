using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>
/// Where a CAM lies and whether two agree, per case. Maps are (B, S, S), at least 0, of any scale; no measure
/// changes when a map is multiplied by a number. A map that is 0 everywhere points nowhere and scores 0.
/// </summary>
public static class CamMeasures
{
    /// <summary>
    /// The share of the CAM that lies in a region (the energy-based pointing game of Wang et al., "Score-CAM", CVPR
    /// Workshops 2020), 0 to 1: <c>sum of CAM in the region / sum of CAM</c>. A uniform map scores the region's share
    /// of the image.
    /// </summary>
    /// <param name="maps">(B, S, S).</param>
    /// <param name="region">(B, S, S) or (S, S), 0 or 1 or boolean.</param>
    public static double[] Energy(Tensor maps, Tensor region)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor exact = maps.to(ScalarType.Float64);
        return Ratio((exact * region.to(ScalarType.Float64)).sum([1, 2]), exact.sum([1, 2]));
    }

    /// <summary>
    /// The pointing game (Zhang et al., "Top-Down Neural Attention by Excitation Backprop", ECCV 2016), without its
    /// tolerance of 15 pixels: whether the CAM's greatest value lies in the region. Of several equal ones the first
    /// from the top left counts.
    /// </summary>
    /// <inheritdoc cref="Energy"/>
    public static bool[] Hits(Tensor maps, Tensor region)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = maps.flatten(1); // (B, S S)
        Tensor inside = region.expand(maps.shape).flatten(1).to(ScalarType.Bool);
        Tensor peak = flat.argmax(1, keepdim: true); // (B, 1)
        return (inside.gather(1, peak) & (flat.gather(1, peak) > 0)).squeeze(1).cpu().data<bool>().ToArray();
    }

    /// <summary>The cosine between two layers' CAMs of the same cases, 0 (apart) to 1 (the same up to scale).</summary>
    /// <param name="a">(B, S, S).</param>
    /// <param name="b">(B, S, S).</param>
    public static double[] Cosine(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = a.to(ScalarType.Float64), y = b.to(ScalarType.Float64);
        return Ratio((x * y).sum([1, 2]), ((x * x).sum([1, 2]) * (y * y).sum([1, 2])).sqrt());
    }

    /// <summary>
    /// The share of the CAM below its own median, 0 to 1: <c>sum of min(CAM, median) / sum of CAM</c>. This pedestal
    /// covers the image and favours no place, so it draws the energy towards that of a uniform map. The median is a
    /// value of the background as long as the map's peak covers less than half of the image.
    /// </summary>
    /// <param name="maps">(B, S, S).</param>
    public static double[] Pedestal(Tensor maps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor exact = maps.to(ScalarType.Float64);
        Tensor median = stack([.. exact.unbind().Select(map => map.median())]).reshape(-1, 1, 1); // (B, 1, 1)
        return Ratio(minimum(exact, median).sum([1, 2]), exact.sum([1, 2]));
    }

    private static double[] Ratio(Tensor part, Tensor whole) =>
        where(whole > 0, part / whole, zeros_like(whole)).cpu().data<double>().ToArray();
}

/// <summary>The pixels whose logits a CAM explains: their sum, before the sigmoid, is the score y.</summary>
public enum CamPixels
{
    /// <summary>Those that the network calls lesion, probability at least 0.5: why does it say so?</summary>
    PredictedLesion,

    /// <summary>Those of the annotated lesion, found or not: what speaks for the lesion?</summary>
    TrueLesion,
}
