using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// A report's words as numbers, from its text vector [bilateral, areas, six zones]: the side word, the count, and a
/// word for each zone it names. The vector contains everything that a report states, so the words need no sentence.
/// </summary>
public static class ReportWords
{
    /// <summary>Places in a report: one for the side, one for the count, one for each zone.</summary>
    public const int Places = TextVector.Length;

    /// <summary>Marks a place without a word.</summary>
    public const long Empty = -1;

    private const int Unknown =
        0, FirstSide = 1, FirstNumber = 3, MostAreas = 6, FirstZone = FirstNumber + MostAreas + 1;

    /// <summary>The words; a word's number is its index. A missing report is "unknown" alone.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        "unknown",
        "unilateral", "bilateral",
        "zero", "one", "two", "three", "four", "five", "more",
        "upper left", "middle left", "lower left", "upper right", "middle right", "lower right",
    ];

    /// <summary>The reports' words.</summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B, 8), int64: indices into <see cref="Vocabulary"/>, or <see cref="Empty"/>. Every row has at
    /// least one word.</returns>
    public static Tensor Of(Tensor text)
    {
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
        return where(isMissing, nothing, words);
    }

    /// <summary>Which reports are equal: (B, B), bool.</summary>
    /// <param name="words">(B, 8), as <see cref="Of"/> returns them.</param>
    public static Tensor AreSame(Tensor words) => words.unsqueeze(1).eq(words.unsqueeze(0)).all(2);
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
    /// No label: the report is missing, does not state it, or finds no lesion (the authors have no label for
    /// that).
    /// </summary>
    public const long Unknown = -1;

    private const int Areas = 1, FirstZone = 2;

    /// <summary>The number of areas in the report: 0 for one, 1 for more.</summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64; <see cref="Unknown"/> without a label.</returns>
    public static Tensor Number(Tensor text)
    {
        Tensor areas = text.select(1, Areas);
        return (AtLeast(areas, 1) + AtLeast(areas, 2) - 1).masked_fill(IsMissing(text), Unknown);
    }

    /// <summary>
    /// The extent of the lesions. A report states no size, so the number of zones stands for it: 0 (small) for one
    /// zone, 1 (medium) for two or three, 2 (large) for four to six.
    /// </summary>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    /// <returns>(B), int64; <see cref="Unknown"/> without a label.</returns>
    public static Tensor Size(Tensor text)
    {
        Tensor zones = text.narrow(1, FirstZone, TextVector.Length - FirstZone).gt(0.5).sum(1); // (B)
        Tensor label = AtLeast(zones, 1) + AtLeast(zones, 2) + AtLeast(zones, 4) - 1;
        return label.masked_fill(IsMissing(text), Unknown);
    }

    private static Tensor IsMissing(Tensor text) => text.isnan().any(1); // (B)

    private static Tensor AtLeast(Tensor count, int least) => count.gt(least - 0.5).to(ScalarType.Int64);
}
