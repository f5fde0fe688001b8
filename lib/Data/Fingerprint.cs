namespace C2FVL.Data;

/// <summary>A data set in a few numbers, to compare it with another or with one's own.</summary>
/// <param name="Pixels">
/// Grey values, 0 to 1, of all pixels of all images; null without images. A larger image counts with all its pixels.
/// </param>
/// <param name="LesionPixels">Grey values of the pixels inside lesions; null where there are none.</param>
/// <param name="LesionArea">The share of the image that lesion covers, 0 to 1, one number a mask; null without masks.</param>
/// <param name="Reports">How many reports the next three count.</param>
/// <param name="Bilateral">The reports that say both lungs.</param>
/// <param name="Zones">The reports that name each of the six zones.</param>
/// <param name="Areas">How many reports count 0, 1, 2, … infected areas; by number, rising.</param>
public sealed record Fingerprint(
    Distribution? Pixels,
    Distribution? LesionPixels,
    Distribution? LesionArea,
    int Reports,
    int Bilateral,
    IReadOnlyDictionary<Zones, int> Zones,
    IReadOnlyDictionary<int, int> Areas)
{
    /// <summary>The six zones, one by one, in the order of the text vector.</summary>
    private static readonly Zones[] SingleZones =
    [
        Data.Zones.LeftUpper, Data.Zones.LeftMiddle, Data.Zones.LeftLower,
        Data.Zones.RightUpper, Data.Zones.RightMiddle, Data.Zones.RightLower,
    ];

    internal static Fingerprint Of(long[] pixelBins, long[] lesionBins, IEnumerable<double> lesionShares, IReadOnlyList<LesionReport> reports) => new(
        Distribution.OfHistogram(pixelBins),
        Distribution.OfHistogram(lesionBins),
        Distribution.Of(lesionShares),
        reports.Count,
        reports.Count(r => r.Bilateral),
        new OrderedDictionary<Zones, int>(SingleZones.Select(zone => KeyValuePair.Create(zone, reports.Count(r => r.Zones.HasFlag(zone))))),
        new OrderedDictionary<int, int>(reports.CountBy(r => r.Areas).OrderBy(n => n.Key)));
}
