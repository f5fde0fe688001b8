namespace C2FVL.Data.Phantoms;

/// <summary>
/// Writes a phantom's report from its lesion mask. Areas are the mask's 8-connected components. Left and right are
/// the halves of the picture; upper, middle and lower the thirds of the rows that the lungs take up. A zone is named
/// when at least a quarter of one area lies in it, so every area is named somewhere and a stray edge names nothing.
/// </summary>
public static class PhantomReport
{
    /// <summary>The share of an area that must lie in a zone for the zone to be named.</summary>
    public const double FairShare = 0.25;

    /// <summary>The report of a mask.</summary>
    /// <param name="mask">The lesions.</param>
    /// <param name="lungs">The lungs, at the same size; they must not be empty.</param>
    public static LesionReport Write(BinaryMask mask, BinaryMask lungs)
    {
        (int top, int bottom) = Rows(lungs);
        IReadOnlyList<int[]> areas = Components.Of(mask);
        var zones = Zones.None;
        foreach (int[] area in areas)
        {
            var pixels = new int[6];
            foreach (int pixel in area)
                pixels[Zone(pixel % mask.Width, pixel / mask.Width, mask.Width, top, bottom)]++;
            for (int zone = 0; zone < 6; zone++)
            {
                if (pixels[zone] >= FairShare * area.Length)
                    zones |= (Zones)(1 << zone);
            }
        }

        return new LesionReport((zones & Zones.Left) != 0 && (zones & Zones.Right) != 0, areas.Count, zones);
    }

    /// <summary>The zone of a pixel, 0 to 5, in the order of <see cref="Zones"/>.</summary>
    private static int Zone(int column, int row, int width, int top, int bottom)
    {
        int third = Math.Clamp((row - top) * 3 / (bottom - top + 1), 0, 2);
        return (2 * column < width ? 0 : 3) + third;
    }

    /// <summary>The first and the last row of the lungs.</summary>
    private static (int Top, int Bottom) Rows(BinaryMask lungs)
    {
        int first = Array.IndexOf(lungs.Pixels, (byte)1);
        if (first < 0)
            throw new ArgumentException("The picture has no lungs, so nothing tells its zones.");
        return (first / lungs.Width, Array.LastIndexOf(lungs.Pixels, (byte)1) / lungs.Width);
    }
}
