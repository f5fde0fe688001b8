namespace C2FVL.Training;

/// <summary>How large the pictures of a data set are along one side, in pixels.</summary>
public sealed record SizeRange(int Smallest, double Median, int Largest)
{
    /// <summary>Of at least one size.</summary>
    internal static SizeRange Of(IReadOnlyList<int> sizes)
    {
        int[] sorted = [.. sizes.Order()];
        return new SizeRange(sorted[0], (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0, sorted[^1]);
    }
}
