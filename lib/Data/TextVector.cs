namespace C2FVL.Data;

/// <summary>The paper's text vector of 8 numbers, and how a missing report is written in it.</summary>
public static class TextVector
{
    /// <summary>The number of entries.</summary>
    public const int Length = 8;

    /// <summary>
    /// A missing report: eight NaN. NaN, so that no model can mistake it for a report: C2FVL reads it as ones
    /// (which leave its skips as they are), the others as their unknown token.
    /// </summary>
    public static float[] Missing => [.. Enumerable.Repeat(float.NaN, Length)];

    /// <summary>
    /// For each entry the one that takes its place where the image is flipped horizontally: left and right change
    /// places.
    /// </summary>
    public static IReadOnlyList<long> HorizontalFlip { get; } = [0, 1, 5, 6, 7, 2, 3, 4];

    /// <summary>Whether a vector is that of a missing report: any entry NaN.</summary>
    public static bool IsMissing(ReadOnlySpan<float> vector) => vector.Contains(float.NaN);
}

/// <summary>Which report a case gets: its own, or one of the controls that show whether a model reads it.</summary>
public enum TextMode
{
    /// <summary>The case's own report.</summary>
    Correct,

    /// <summary>No report.</summary>
    Missing,

    /// <summary>
    /// Another case's report: the cases that have one form a seeded ring and each takes the next one's. Its words
    /// may by chance be the same. A case without a report stays without.
    /// </summary>
    ShuffledBetweenCases,

    /// <summary>The case's report with left and right swapped, on an image that is not flipped.</summary>
    Mirrored,

    /// <summary>
    /// The case's report with another number of areas: one of the five smallest that fit the sides it names: the text
    /// says where and not how many.
    /// </summary>
    WrongNumber,

    /// <summary>
    /// The case's number of areas, with both sides and all six zones named: the report says how many and not where.
    /// </summary>
    NumberOnly,
}
