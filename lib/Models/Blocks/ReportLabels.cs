using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The two labels that TGANet learns, defined for a report on lesions, whose text vector is [bilateral, areas, six zones].
/// The authors take theirs from the mask: the number of its contours, and the share of the image that a bounding box
/// covers.
/// </summary>
public static class ReportLabels
{
    /// <summary>Classes of <see cref="Number"/>: one, multiple.</summary>
    public const int NumberClasses = 2;

    /// <summary>Classes of <see cref="Size"/>: small, medium, large.</summary>
    public const int SizeClasses = 3;

    /// <summary>
    /// The label of a report that is missing, says nothing of it, or finds no lesion, for which the authors have no label.
    /// </summary>
    public const long Unknown = -1;

    private const int Areas = 1, FirstZone = 2;

    /// <summary>How many areas the report counts: 0 for one, 1 for more.</summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64; <see cref="Unknown"/> without a label.</returns>
    public static Tensor Number(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor areas = text.select(1, Areas);
        return (AtLeast(areas, 1) + AtLeast(areas, 2) - 1).masked_fill(IsMissing(text), Unknown).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How far the lesions reach. No report says a size, so the zones that it names stand for it: 0 (small) for one zone,
    /// 1 (medium) for two or three, 2 (large) for four to six.
    /// </summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64; <see cref="Unknown"/> without a label.</returns>
    public static Tensor Size(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor zones = text.narrow(1, FirstZone, TextVector.Length - FirstZone).gt(0.5).sum(1); // (B)
        Tensor label = AtLeast(zones, 1) + AtLeast(zones, 2) + AtLeast(zones, 4) - 1;
        return label.masked_fill(IsMissing(text), Unknown).MoveToOuterDisposeScope();
    }

    private static Tensor IsMissing(Tensor text) => text.isnan().any(1); // (B)

    private static Tensor AtLeast(Tensor count, int least) => count.gt(least - 0.5).to(ScalarType.Int64);
}
