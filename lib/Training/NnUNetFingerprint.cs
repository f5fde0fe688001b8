using C2FVL.Data;

namespace C2FVL.Training;

/// <summary>
/// nnU-Net's data set fingerprint: what its rules need to know of the training cases, taken from the files at their own
/// size. nnU-Net crops empty margins first and samples the lesion's pixels; here nothing is cropped and all are
/// counted.
/// </summary>
public sealed record NnUNetFingerprint
{
    /// <summary>How many training cases were looked at.</summary>
    public required int Cases { get; init; }

    /// <summary>X-ray or CT.</summary>
    public required ImageKind Kind { get; init; }

    /// <summary>The smallest, median and largest height in pixels.</summary>
    public required SizeRange Height { get; init; }

    /// <summary>The smallest, median and largest width in pixels.</summary>
    public required SizeRange Width { get; init; }

    /// <summary>All pixels.</summary>
    public required IntensityStatistics Overall { get; init; }

    /// <summary>The lesions' pixels; null if there is none.</summary>
    public IntensityStatistics? Foreground { get; init; }

    /// <summary>Reads every case's image and mask once.</summary>
    /// <param name="cases">The training cases, at least one, all of one kind.</param>
    /// <exception cref="ArgumentException">There is no case, or X-rays and CT are mixed.</exception>
    /// <exception cref="InvalidDataException">A file cannot be decoded, or image and mask differ in size.</exception>
    public static NnUNetFingerprint Of(IReadOnlyList<Case> cases)
    {
        if (cases.Count == 0)
            throw new ArgumentException("A fingerprint needs at least one case.");
        if (cases.FirstOrDefault(c => c.Kind != cases[0].Kind) is Case other)
            throw new ArgumentException(
                $"{other.ImagePath} is {other.Kind} and {cases[0].ImagePath} is {cases[0].Kind}. Make a plan for "
                    + "each kind.");

        var counts = new GrayHistogram();
        var heights = new List<int>(cases.Count);
        var widths = new List<int>(cases.Count);
        foreach (Case item in cases)
        {
            GrayImage image = item.ReadImage();
            BinaryMask? mask = item.MaskPath is null ? null : item.ReadMask();
            if (mask is not null && SampleReader.SizeFault(item, image.Size, mask.Size) is DataFault fault)
                throw new InvalidDataException(fault.ToString());

            heights.Add(image.Height);
            widths.Add(image.Width);
            counts.Add(image, mask);
        }

        return new NnUNetFingerprint
        {
            Cases = cases.Count,
            Kind = cases[0].Kind,
            Height = SizeRange.Of(heights),
            Width = SizeRange.Of(widths),
            Overall = IntensityStatistics.Of(counts.Pixels)!,
            Foreground = IntensityStatistics.Of(counts.Lesions),
        };
    }
}

/// <summary>How grey values, 0 to 1, are spread over pixels. All are NaN-free; a set of no pixels has none.</summary>
/// <param name="Pixels">How many pixels were counted.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">Their standard deviation (population).</param>
/// <param name="Min">The smallest.</param>
/// <param name="Percentile00_5">The 0.5 percentile.</param>
/// <param name="Median">The median.</param>
/// <param name="Percentile99_5">The 99.5 percentile.</param>
/// <param name="Max">The largest.</param>
public sealed record IntensityStatistics(long Pixels, double Mean, double Std, double Min, double Percentile00_5,
    double Median, double Percentile99_5, double Max)
{
    private const int Levels = GrayHistogram.Bins;

    /// <summary>
    /// From a histogram over the 65536 levels of 0 to 1, which holds 8-bit and 16-bit images exactly; null of no
    /// pixels.
    /// </summary>
    internal static IntensityStatistics? Of(long[] histogram)
    {
        long pixels = histogram.Sum();
        if (pixels == 0)
            return null;

        double mean = Sum((count, value) => count * value) / pixels;
        double ofSquares = Sum((count, value) => count * value * value) / pixels;
        return new IntensityStatistics(pixels, mean, Math.Sqrt(Math.Max(0, ofSquares - (mean * mean))),
            Percentile(0), Percentile(0.5), Percentile(50), Percentile(99.5), Percentile(100));

        double Sum(Func<long, double, double> of) =>
            histogram.Select((count, level) => of(count, level / (Levels - 1.0))).Sum();

        // The level of the pixel at a rank, 0 the darkest.
        double Percentile(double p)
        {
            long rank = (long)Math.Floor(p / 100 * (pixels - 1)), seen = histogram[0];
            int level = 0;
            while (seen <= rank)
                seen += histogram[++level];
            return level / (Levels - 1.0);
        }
    }
}

/// <summary>How large the images of a data set are along one side, in pixels.</summary>
public sealed record SizeRange(int Smallest, double Median, int Largest)
{
    /// <summary>Of at least one size.</summary>
    internal static SizeRange Of(IReadOnlyList<int> sizes)
    {
        int[] sorted = [.. sizes.Order()];
        return new SizeRange(
            sorted[0], (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0, sorted[^1]);
    }
}
