using C2FVL.Data;

namespace C2FVL.Workbook.Checks;

/// <summary>A data set in a few numbers, to compare it with another or with one's own.</summary>
/// <param name="Pixels">
/// Grey values, 0 to 1, of all pixels of all images; null without images. A larger image counts with all its pixels.
/// </param>
/// <param name="LesionPixels">Grey values of the pixels inside lesions; null where there are none.</param>
/// <param name="LesionArea">The share of the image that lesion covers, 0 to 1, one number a mask; null without
/// masks.</param>
/// <param name="Reports">How many reports the next three count.</param>
/// <param name="Bilateral">The reports that say both lungs.</param>
/// <param name="Zones">The reports that name each of the six zones.</param>
/// <param name="Areas">How many reports count 0, 1, 2, … infected areas; by number, rising.</param>
internal sealed record Fingerprint(Distribution? Pixels, Distribution? LesionPixels, Distribution? LesionArea,
    int Reports, int Bilateral, IReadOnlyDictionary<Zones, int> Zones, IReadOnlyDictionary<int, int> Areas)
{
    public static Fingerprint From(
        GrayHistogram grays, IEnumerable<double> lesionShares, IReadOnlyList<LesionReport> reports) => new(
        Distribution.FromHistogram(grays.Pixels), Distribution.FromHistogram(grays.Lesions),
        Distribution.From(lesionShares), reports.Count, reports.Count(r => r.Bilateral),
        new OrderedDictionary<Zones, int>(Enumerable.Range(0, 6).Select(zone => (Zones)(1 << zone))
            .Select(zone => KeyValuePair.Create(zone, reports.Count(r => r.Zones.HasFlag(zone))))),
        new OrderedDictionary<int, int>(reports.CountBy(r => r.Areas).OrderBy(n => n.Key)));
}

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
internal sealed record Distribution(long Count, double Mean, double Deviation, double Least, double Percentile5,
    double Percentile25, double Median, double Percentile75, double Percentile95, double Greatest)
{
    /// <summary>The distribution of some numbers; null for none.</summary>
    public static Distribution? From(IEnumerable<double> numbers) =>
        FromSorted([.. numbers.Order().Select(n => (n, 1L))]);

    /// <summary>
    /// The distribution of a histogram whose bin i stands for the value i / (bins - 1); null for an empty one.
    /// </summary>
    public static Distribution? FromHistogram(long[] bins) => FromSorted([.. bins.Index().Where(bin => bin.Item > 0)
            .Select(bin => (bin.Index / (double)(bins.Length - 1), bin.Item))]);

    private static Distribution? FromSorted(IReadOnlyList<(double Value, long Count)> sorted)
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
