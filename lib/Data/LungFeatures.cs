namespace C2FVL.Data;

/// <summary>
/// What the zones of one lung are told from: where its lesions lie along the height of the image. Heights are shares
/// of the image, 0 at its top and 1 at its bottom, so a mask of any size will do.
/// </summary>
internal static class LungFeatures
{
    /// <summary>Bands of rows in which lesion is measured; 8 rows each at 224.</summary>
    private const int Bands = 28;

    /// <summary>
    /// Places of the piecewise-linear coding of a height; coarser for the other lung and for pairs of heights.
    /// </summary>
    private const int Places = 15, Coarse = 10;

    /// <summary>
    /// The share of lesion above the "upper" and below the "lower" height, which a stray pixel does not move.
    /// </summary>
    private const double Tail = 0.05;

    /// <summary>
    /// The features of a lung with lesions, in the order of <see cref="ZoneModel.Features"/>;
    /// the last is the constant 1.
    /// </summary>
    /// <param name="right">Whether it is the lung on the image's right.</param>
    /// <param name="own">Its lesion pixels in each row of the mask, not all 0.</param>
    /// <param name="other">Those of the other lung; all 0 where that has none.</param>
    /// <param name="width">The mask's width.</param>
    /// <param name="areas">The number of areas in the whole mask.</param>
    public static double[] Of(bool right, int[] own, int[] other, int width, int areas)
    {
        var bands = new double[Bands];
        for (int row = 0; row < own.Length; row++)
            bands[row * Bands / own.Length] += own[row];
        double halfBand = own.Length / (double)Bands * width / 2, area = own.Sum();
        double top = Height(own, 0), bottom = Height(own, 1);
        double centre = own.Select((pixels, row) => pixels * Share(row, own.Length)).Sum() / area;
        double[] coarseTop = Bend(top, Coarse), coarseBottom = Bend(bottom, Coarse);
        bool alone = other.All(pixels => pixels == 0);
        return
        [.. bands.Select(pixels => pixels / halfBand),
            .. Bend(top, Places), .. Bend(bottom, Places),
            .. Bend(Height(own, Tail), Places), .. Bend(Height(own, 1 - Tail), Places),
            .. Pairs().Select(pair => coarseTop[pair.Top] * coarseBottom[pair.Bottom]),
            .. alone ? new double[Coarse] : Bend(Height(other, 0), Coarse),
            .. alone ? new double[Coarse] : Bend(Height(other, 1), Coarse), alone ? 1 : 0,
            centre, Math.Log(area / (own.Length * (double)width)) / 10, areas / 4.0, bottom - top, top, bottom,
            .. right ? [1, top, bottom, bottom - top] : new double[4], 1,];
    }

    /// <summary>Where lesions can begin and end together.</summary>
    private static IEnumerable<(int Top, int Bottom)> Pairs() =>
        from top in Enumerable.Range(0, Coarse) from bottom in Enumerable.Range(top, Coarse - top) select (top, bottom);

    /// <summary>
    /// The height above which a share of the lesion pixels lies; 0 for the first pixel, 1 for the last.
    /// </summary>
    private static double Height(int[] rows, double share)
    {
        int wanted = (int)(share * (rows.Sum() - 1)), seen = 0, row = -1;
        while (seen <= wanted)
            seen += rows[++row];
        return Share(row, rows.Length);
    }

    private static double Share(int row, int rows) => rows == 1 ? 0 : row / (rows - 1.0);

    /// <summary>
    /// A height as weights of the two nearest of equally spaced places, so that a linear model bends at each place.
    /// </summary>
    private static double[] Bend(double height, int count)
    {
        var weights = new double[count];
        double position = height * (count - 1);
        int below = Math.Min((int)position, count - 2);
        weights[below] = 1 - (position - below);
        weights[below + 1] = position - below;
        return weights;
    }
}
