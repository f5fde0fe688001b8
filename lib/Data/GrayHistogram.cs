namespace C2FVL.Data;

/// <summary>
/// Grey values counted over the pixels of images, and over those in lesions. 8-bit and 16-bit values fall on bins
/// exactly.
/// </summary>
public sealed class GrayHistogram
{
    /// <summary>Bins, of which i stands for the value i / (Bins - 1).</summary>
    public const int Bins = 65536;

    /// <summary>How many pixels each bin has.</summary>
    public long[] Pixels { get; } = new long[Bins];

    /// <summary>How many of them are in lesions.</summary>
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
