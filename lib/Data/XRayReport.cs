namespace C2FVL.Data;

/// <summary>Writes a chest X-ray's report from its lesion mask, by the conventions of the QaTa-COV19 annotations.</summary>
internal static class XRayReport
{
    /// <summary>
    /// The share of an area on the far side of the picture's middle from which the area belongs to both lungs. Below
    /// it, an area belongs to the side with more of it. Chosen on the training and validation parts: from 0.15 to 0.25
    /// the sides agree with the annotators' on 98.9 % of images, at 0 or 0.5 on 98.3 to 98.6 %.
    /// </summary>
    public const double SharedArea = 0.2;

    /// <summary>The report of a mask at its original size.</summary>
    public static LesionReport Write(BinaryMask mask)
    {
        (int areas, int[] left, int[] right) = Lungs(mask);
        var zones = Zones.None;
        if (left.Any(pixels => pixels > 0))
            zones |= (Zones)ZoneModel.QaTa.Tell(LungFeatures.Of(false, left, right, mask.Width, areas));
        if (right.Any(pixels => pixels > 0))
            zones |= (Zones)(ZoneModel.QaTa.Tell(LungFeatures.Of(true, right, left, mask.Width, areas)) << 3);
        return new LesionReport((zones & Zones.Left) != 0 && (zones & Zones.Right) != 0, areas, zones);
    }

    /// <summary>The number of areas, and each lung's lesion pixels in every row of the mask.</summary>
    public static (int Areas, int[] Left, int[] Right) Lungs(BinaryMask mask)
    {
        var left = new int[mask.Height];
        var right = new int[mask.Height];
        IReadOnlyList<int[]> areas = Components.Of(mask);
        foreach (int[] area in areas)
        {
            int onLeft = area.Count(IsLeft), onRight = area.Length - onLeft;
            bool both = Math.Min(onLeft, onRight) >= SharedArea * area.Length;
            foreach (int pixel in area)
                ((both ? IsLeft(pixel) : onLeft >= onRight) ? left : right)[pixel / mask.Width]++;
        }

        return (areas.Count, left, right);

        bool IsLeft(int pixel) => 2 * (pixel % mask.Width) < mask.Width;
    }
}
