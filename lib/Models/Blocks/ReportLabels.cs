using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The two labels that TGANet takes from a text, defined for a report on lesions, whose text vector is
/// [bilateral, areas, six zones].
/// </summary>
public static class ReportLabels
{
    /// <summary>Classes of <see cref="Number"/>: none, one, many.</summary>
    public const int NumberClasses = 3;

    /// <summary>Classes of <see cref="Size"/>: none, small, medium, large.</summary>
    public const int SizeClasses = 4;

    /// <summary>The label of a report that says nothing of it, or is missing.</summary>
    public const long Unknown = -1;

    private const int Areas = 1, FirstZone = 2;

    /// <summary>
    /// How many areas the report counts: 0 for none, 1 for one, 2 for more than one; <see cref="Unknown"/> for a missing
    /// report.
    /// </summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64.</returns>
    public static Tensor Number(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor areas = text.select(1, Areas);
        Tensor label = AtLeast(areas, 1) + AtLeast(areas, 2);
        return label.masked_fill(IsMissing(text), Unknown).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How far the lesions reach. No report says a size, so the zones that it names stand for it: 1 (small) for one
    /// zone, 2 (medium) for two or three, 3 (large) for four to six, 0 (none) where it counts no area and names none;
    /// <see cref="Unknown"/> where it counts areas without a place, and for a missing report.
    /// </summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64.</returns>
    public static Tensor Size(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor zones = text.narrow(1, FirstZone, TextVector.Length - FirstZone).gt(0.5).sum(1); // (B)
        Tensor label = AtLeast(zones, 1) + AtLeast(zones, 2) + AtLeast(zones, 4);
        Tensor says = zones.gt(0).logical_or(text.select(1, Areas).lt(0.5));
        return label.masked_fill(says.logical_not().logical_or(IsMissing(text)), Unknown).MoveToOuterDisposeScope();
    }

    private static Tensor IsMissing(Tensor text) => text.isnan().any(1); // (B)

    private static Tensor AtLeast(Tensor count, int least) => count.gt(least - 0.5).to(ScalarType.Int64);
}
