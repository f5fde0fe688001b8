namespace C2FVL.Data;

/// <summary>
/// Writes a CT slice's report from its lesion mask, by this project's own convention, for no set of slices comes with
/// sentences such as QaTa-COV19's. All is told in picture coordinates: left and right are the halves of the picture,
/// upper, middle and lower its thirds. Of a slice that stands as radiologists look at it, the picture's left is the
/// patient's right, upper is the patient's front, and lower the back.
/// </summary>
internal static class SliceReport
{
    /// <summary>
    /// The share of the picture below which a component is a speck. Slices have many small lesions and some strays of
    /// a few pixels from drawing; 1/2000 of the picture is 25 pixels at 224 x 224.
    /// </summary>
    public const double SmallestArea = 1.0 / 2000;

    /// <summary>The share of an area that must lie in a zone for the zone to be named. Below 1/6, so every area is named somewhere.</summary>
    public const double FairShare = 0.1;

    /// <summary>
    /// The report of a mask at its original size. Areas are the 8-connected components that are no specks; where all
    /// are specks, the largest counts. A zone is named when at least a tenth of one counted area lies in it, and the
    /// report is bilateral when zones of both halves are named.
    /// </summary>
    public static LesionReport Write(BinaryMask mask)
    {
        IReadOnlyList<int[]> components = Components.Of(mask);
        int[][] areas = [.. components.Where(area => area.Length >= SmallestArea * mask.Pixels.Length)];
        if (areas.Length == 0 && components.Count > 0)
            areas = [components.MaxBy(area => area.Length)!];

        var zones = Zones.None;
        foreach (int[] area in areas)
        {
            foreach ((int zone, int pixels) in area.CountBy(pixel => Zone(pixel, mask)))
            {
                if (pixels >= FairShare * area.Length)
                    zones |= (Zones)(1 << zone);
            }
        }

        return new LesionReport((zones & Zones.Left) != 0 && (zones & Zones.Right) != 0, areas.Length, zones);
    }

    /// <summary>The zone of a pixel, 0 to 5, in the order of <see cref="Zones"/>.</summary>
    private static int Zone(int pixel, BinaryMask mask)
    {
        int row = pixel / mask.Width, column = pixel % mask.Width;
        return (2 * column < mask.Width ? 0 : 3) + (3 * row / mask.Height);
    }
}
