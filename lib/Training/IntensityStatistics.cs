namespace C2FVL.Training;

/// <summary>How grey values, 0 to 1, are spread over pixels. All are NaN-free; a set of no pixels has none.</summary>
/// <param name="Pixels">How many pixels were counted.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">Their standard deviation (population).</param>
/// <param name="Min">The smallest.</param>
/// <param name="Percentile00_5">The 0.5 percentile.</param>
/// <param name="Median">The median.</param>
/// <param name="Percentile99_5">The 99.5 percentile.</param>
/// <param name="Max">The largest.</param>
public sealed record IntensityStatistics(
    long Pixels, double Mean, double Std, double Min, double Percentile00_5, double Median, double Percentile99_5, double Max)
{
    internal const int Levels = 65536;

    /// <summary>From a histogram over the 65536 levels of 0 to 1, which holds 8-bit and 16-bit pictures exactly; null of no pixels.</summary>
    internal static IntensityStatistics? Of(long[] histogram)
    {
        long pixels = histogram.Sum();
        if (pixels == 0)
            return null;

        double sum = 0, squares = 0;
        for (int level = 0; level < Levels; level++)
        {
            double value = level / (Levels - 1.0);
            sum += histogram[level] * value;
            squares += histogram[level] * value * value;
        }

        double mean = sum / pixels;
        double Percentile(double p) => LevelAt(histogram, (long)Math.Floor(p / 100 * (pixels - 1))) / (Levels - 1.0);
        return new IntensityStatistics(
            pixels, mean, Math.Sqrt(Math.Max(0, (squares / pixels) - (mean * mean))),
            Percentile(0), Percentile(0.5), Percentile(50), Percentile(99.5), Percentile(100));
    }

    /// <summary>The level of the pixel at a rank, 0 the darkest.</summary>
    private static int LevelAt(long[] histogram, long rank)
    {
        int level = 0;
        for (long seen = histogram[0]; seen <= rank; seen += histogram[level])
            level++;
        return level;
    }
}
