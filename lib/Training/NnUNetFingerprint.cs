using C2FVL.Data;

namespace C2FVL.Training;

/// <summary>
/// nnU-Net's data set fingerprint: what its rules need to know of the training cases, taken from the files at their own
/// size. nnU-Net crops empty margins first and samples the lesion's pixels; here nothing is cropped and all are counted.
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

    /// <summary>The lesions' pixels; null where there is none.</summary>
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
            throw new ArgumentException($"{other.ImagePath} is {other.Kind} and {cases[0].ImagePath} is {cases[0].Kind}. Make a plan for each kind.");

        long[] overall = new long[IntensityStatistics.Levels], foreground = new long[IntensityStatistics.Levels];
        var heights = new List<int>(cases.Count);
        var widths = new List<int>(cases.Count);
        foreach (Case item in cases)
        {
            GrayImage image = item.ReadImage();
            BinaryMask? mask = item.MaskPath is null ? null : item.ReadMask();
            if (mask is not null && SampleReader.SizeFault(item, image, mask) is DataFault fault)
                throw new InvalidDataException(fault.ToString());

            heights.Add(image.Height);
            widths.Add(image.Width);
            for (int p = 0; p < image.Pixels.Length; p++)
            {
                int level = (int)MathF.Round(Math.Clamp(image.Pixels[p], 0, 1) * (IntensityStatistics.Levels - 1));
                overall[level]++;
                if (mask?.Pixels[p] > 0)
                    foreground[level]++;
            }
        }

        return new NnUNetFingerprint
        {
            Cases = cases.Count,
            Kind = cases[0].Kind,
            Height = SizeRange.Of(heights),
            Width = SizeRange.Of(widths),
            Overall = IntensityStatistics.Of(overall)!,
            Foreground = IntensityStatistics.Of(foreground),
        };
    }
}
