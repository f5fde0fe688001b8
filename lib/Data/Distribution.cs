namespace C2FVL.Data;

/// <summary>
/// Where a set of numbers lies. A percentile is the smallest number that at least that share of them does not exceed.
/// </summary>
/// <param name="Count">How many numbers.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation, of all of them, not of a sample.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Percentile5">The 5th percentile.</param>
/// <param name="Percentile25">The 25th percentile.</param>
/// <param name="Median">The 50th percentile.</param>
/// <param name="Percentile75">The 75th percentile.</param>
/// <param name="Percentile95">The 95th percentile.</param>
/// <param name="Greatest">The largest.</param>
public sealed record Distribution(
    long Count,
    double Mean,
    double Deviation,
    double Least,
    double Percentile5,
    double Percentile25,
    double Median,
    double Percentile75,
    double Percentile95,
    double Greatest)
{
    /// <summary>The distribution of some numbers; null for none.</summary>
    public static Distribution? Of(IEnumerable<double> numbers) => OfSorted([.. numbers.Order().Select(n => (n, 1L))]);

    /// <summary>
    /// The distribution of a histogram whose bin i stands for the value i / (bins - 1); null for an empty one.
    /// </summary>
    internal static Distribution? OfHistogram(long[] bins) =>
        OfSorted(
            [.. Enumerable.Range(0, bins.Length).Where(i => bins[i] > 0).Select(i => (i / (double)(bins.Length - 1), bins[i]))]);

    private static Distribution? OfSorted(IReadOnlyList<(double Value, long Count)> sorted)
    {
        long count = sorted.Sum(n => n.Count);
        if (count == 0)
            return null;

        double mean = sorted.Sum(n => n.Value * n.Count) / count;
        double variance = sorted.Sum(n => (n.Value - mean) * (n.Value - mean) * n.Count) / count;
        return new Distribution(
            count,
            mean,
            Math.Sqrt(variance),
            sorted[0].Value,
            Percentile(0.05),
            Percentile(0.25),
            Percentile(0.5),
            Percentile(0.75),
            Percentile(0.95),
            sorted[^1].Value);

        double Percentile(double share)
        {
            long below = 0;
            return sorted.First(n => (below += n.Count) >= share * count).Value;
        }
    }
}
