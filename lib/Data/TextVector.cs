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
    public static float[] Missing
    {
        get
        {
            var vector = new float[Length];
            Array.Fill(vector, float.NaN);
            return vector;
        }
    }

    /// <summary>
    /// For each entry the one that takes its place where the picture is flipped horizontally: left and right change places.
    /// </summary>
    public static IReadOnlyList<long> HorizontalFlip { get; } = [0, 1, 5, 6, 7, 2, 3, 4];

    /// <summary>Whether a vector is that of a missing report: any entry NaN.</summary>
    public static bool IsMissing(ReadOnlySpan<float> vector)
    {
        foreach (float value in vector)
        {
            if (float.IsNaN(value))
                return true;
        }

        return false;
    }
}
