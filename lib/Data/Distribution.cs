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
public sealed record Distribution(long Count, double Mean, double Deviation, double Least, double Percentile5,
    double Percentile25, double Median, double Percentile75, double Percentile95, double Greatest)
{
    /// <summary>The distribution of some numbers; null for none.</summary>
    public static Distribution? Of(IEnumerable<double> numbers) => OfSorted([.. numbers.Order().Select(n => (n, 1L))]);

    /// <summary>
    /// The distribution of a histogram whose bin i stands for the value i / (bins - 1); null for an empty one.
    /// </summary>
    internal static Distribution? OfHistogram(long[] bins) => OfSorted([.. bins.Index().Where(bin => bin.Item > 0)
            .Select(bin => (bin.Index / (double)(bins.Length - 1), bin.Item))]);

    private static Distribution? OfSorted(IReadOnlyList<(double Value, long Count)> sorted)
    {
        long count = sorted.Sum(n => n.Count);
        if (count == 0)
            return null;

        double mean = sorted.Sum(n => n.Value * n.Count) / count;
        double variance = sorted.Sum(n => (n.Value - mean) * (n.Value - mean) * n.Count) / count;
        return new Distribution(count, mean, Math.Sqrt(variance), sorted[0].Value, Percentile(0.05), Percentile(0.25),
            Percentile(0.5), Percentile(0.75), Percentile(0.95), sorted[^1].Value);

        double Percentile(double share)
        {
            long below = 0;
            return sorted.First(n => (below += n.Count) >= share * count).Value;
        }
    }
}

/// <summary>
/// Grey values counted over the pixels of images, and over those in lesions. 8-bit and 16-bit values fall on bins
/// exactly.
/// </summary>
internal sealed class GrayHistogram
{
    /// <summary>Bins, of which i stands for the value i / (Bins - 1).</summary>
    public const int Bins = 65536;

    public long[] Pixels { get; } = new long[Bins];

    public long[] Lesions { get; } = new long[Bins];

    /// <summary>
    /// Counts an image's pixels, and those in its mask where there is one of its size. Threads may call it at once.
    /// </summary>
    public void Add(GrayImage image, BinaryMask? mask)
    {
        lock (Pixels)
        {
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                int bin = (int)MathF.Round(Math.Clamp(image.Pixels[i], 0, 1) * (Bins - 1));
                Pixels[bin]++;
                Lesions[bin] += mask?.Pixels[i] ?? 0;
            }
        }
    }
}
