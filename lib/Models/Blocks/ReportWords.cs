using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// A report's words as numbers, from its text vector [bilateral, areas, six zones]: the side word, the count, and a
/// word for each zone it names. The vector holds all that a sentence says, so the words need no sentence.
/// </summary>
public static class ReportWords
{
    /// <summary>Places in a report: one for the side, one for the count, one a zone.</summary>
    public const int Places = TextVector.Length;

    /// <summary>In a place without a word.</summary>
    public const long Empty = -1;

    private const int Unknown =
        0, FirstSide = 1, FirstNumber = 3, MostAreas = 6, FirstZone = FirstNumber + MostAreas + 1;

    /// <summary>The words; a word's number is its index. "unknown" is all that a missing report says.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        "unknown",
        "unilateral", "bilateral",
        "zero", "one", "two", "three", "four", "five", "more",
        "upper left", "middle left", "lower left", "upper right", "middle right", "lower right",
    ];

    /// <summary>The reports' words.</summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B, 8), int64: indices into <see cref="Vocabulary"/>, and <see cref="Empty"/>; never a row without a
    /// word.</returns>
    public static Tensor Of(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor isMissing = text.isnan().any(1, keepdim: true); // (B, 1)
        Tensor known = where(isMissing, zeros_like(text), text);
        Tensor areas = known.narrow(1, 1, 1).round().clamp(0, MostAreas).to(ScalarType.Int64); // (B, 1)
        Tensor isBilateral = known.narrow(1, 0, 1).gt(0.5);
        Tensor isNamed = known.narrow(1, 2, Places - 2).gt(0.5); // (B, 6)

        // "No pulmonary infection" says neither unilateral nor bilateral.
        Tensor saysSide = isBilateral.logical_or(areas.gt(0)).logical_or(isNamed.any(1, keepdim: true));
        Tensor side = isBilateral.to(ScalarType.Int64) + FirstSide;
        Tensor zones = arange(FirstZone, FirstZone + Places - 2, dtype: ScalarType.Int64, device: text.device).expand(
            isNamed.shape);
        Tensor words = cat([side, areas + FirstNumber, zones], 1); // (B, 8)
        Tensor isSaid = cat([saysSide, ones_like(saysSide), isNamed], 1);
        words = where(isSaid, words, full_like(words, Empty));

        Tensor nothing = full_like(words, Empty);
        nothing.narrow(1, 0, 1).fill_(Unknown);
        return where(isMissing, nothing, words).MoveToOuterDisposeScope();
    }

    /// <summary>Which reports say the same: (B, B), bool.</summary>
    /// <param name="words">(B, 8), as <see cref="Of"/> gives them.</param>
    public static Tensor AreSame(Tensor words)
    {
        using DisposeScope scope = NewDisposeScope();
        return words.unsqueeze(1).eq(words.unsqueeze(0)).all(2).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The two labels that TGANet learns, defined for a report on lesions, whose text vector is [bilateral, areas, six
/// zones]. The authors take theirs from the mask: the number of its contours, and the share of the image that a
/// bounding box covers.
/// </summary>
public static class ReportLabels
{
    /// <summary>Classes of <see cref="Number"/>: one, multiple.</summary>
    public const int NumberClasses = 2;

    /// <summary>Classes of <see cref="Size"/>: small, medium, large.</summary>
    public const int SizeClasses = 3;

    /// <summary>
    /// The label of a report that is missing, says nothing of it, or finds no lesion, for which the authors have no
    /// label.
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
        return (AtLeast(areas, 1) + AtLeast(areas, 2) - 1).masked_fill(IsMissing(text), Unknown)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How far the lesions reach. No report says a size, so the zones that it names stand for it: 0 (small) for one
    /// zone, 1 (medium) for two or three, 2 (large) for four to six.
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
