using System.Numerics;
using System.Numerics.Tensors;
using C2FVL.Platform;

namespace C2FVL.Data;

/// <summary>
/// Brings images to the network's square. Width and height are scaled each on its own, so the aspect is not kept,
/// as in the authors' code. An image that has the size already comes back itself, not a copy.
/// </summary>
public static class Resize
{
    /// <summary>
    /// The authors' masks are 8-bit images of 0 and 255 when they are resized, so a share of lesion below half a
    /// grey step rounds to 0 before the test for "above 0".
    /// </summary>
    private const double SmallestAuthorsShare = 0.5 / 255;

    /// <summary>
    /// Each new pixel is the average of the old image over the area that the new pixel covers, when it shrinks and
    /// when it upsamples. So the image's mean stays the same.
    /// </summary>
    /// <param name="image">Any size.</param>
    /// <param name="size">The new side in pixels, at least 1.</param>
    /// <returns>size x size.</returns>
    public static GrayImage Area(GrayImage image, int size)
    {
        if (image.Width == size && image.Height == size)
            return image;

        double[] sums = CoveredSums<float>(image.Pixels, image.Width, image.Height, size);
        double whole = (double)image.Width * image.Height;
        return new GrayImage(size, size, Array.ConvertAll(sums, sum => (float)(sum / whole)));
    }

    /// <summary>Brings a mask to the network's size.</summary>
    /// <param name="mask">Any size.</param>
    /// <param name="size">The new side in pixels, at least 1.</param>
    /// <param name="rule">When a new pixel counts as lesion.</param>
    /// <returns>size x size.</returns>
    public static BinaryMask Mask(BinaryMask mask, int size, MaskRule rule = MaskRule.AreaHalf)
    {
        if (mask.Width == size && mask.Height == size)
            return mask;

        if (rule == MaskRule.Authors)
            return Authors(mask, size);
        double[] sums = CoveredSums<byte>(mask.Pixels, mask.Width, mask.Height, size);
        double half = mask.Width * (double)mask.Height / 2;
        return new BinaryMask(size, size, Array.ConvertAll(sums, sum => sum >= half ? (byte)1 : (byte)0));
    }

    /// <summary>Bilinear between the centres of the old pixels; the outermost centres repeat.</summary>
    private static BinaryMask Authors(BinaryMask mask, int size)
    {
        GrayImage image = mask.ToImage();
        return new BinaryMask(size, size, [.. from row in Centres(mask.Height) from column in Centres(mask.Width)
                                              select image.Between(row, column, outside: 0) >= SmallestAuthorsShare
                                                  ? (byte)1 : (byte)0]);

        IEnumerable<double> Centres(int old) => Enumerable.Range(0, size)
            .Select(i => Math.Clamp(((i + 0.5) * old / size) - 0.5, 0, old - 1));
    }

    /// <summary>
    /// Sums over the area that each new pixel covers, times the old pixel's value. Lengths along an axis are counted
    /// in 1/newSize of an old pixel, which makes every overlap a whole number: a mask's sums are exact, and "half" is
    /// never decided by rounding. A sum over an all-ones image is width x height.
    /// </summary>
    private static double[] CoveredSums<T>(ReadOnlySpan<T> pixels, int width, int height, int size)
        where T : INumberBase<T>
    {
        SettingRange.Require(size >= 1, size, "at least 1");
        (int First, int[] Overlaps)[] columns = Overlaps(width, size);
        (int First, int[] Overlaps)[] rows = Overlaps(height, size);

        var narrowed = new double[height * size];
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<T> old = pixels.Slice(row * width, width);
            Span<double> sumsOfRow = narrowed.AsSpan(row * size, size);
            for (int column = 0; column < size; column++)
            {
                var (first, overlaps) = columns[column];
                double sum = 0;
                for (int k = 0; k < overlaps.Length; k++)
                    sum += overlaps[k] * double.CreateTruncating(old[first + k]);
                sumsOfRow[column] = sum;
            }
        }

        var sums = new double[size * size];
        for (int row = 0; row < size; row++)
        {
            var (first, overlaps) = rows[row];
            Span<double> sumsOfRow = sums.AsSpan(row * size, size);
            for (int k = 0; k < overlaps.Length; k++)
                TensorPrimitives.MultiplyAdd(
                    narrowed.AsSpan((first + k) * size, size), overlaps[k], sumsOfRow, sumsOfRow);
        }

        return sums;
    }

    private static (int First, int[] Overlaps)[] Overlaps(int oldSize, int newSize) => [
        .. from i in Enumerable.Range(0, newSize)
           let start = (long)i * oldSize
           let first = (int)(start / newSize)
           let last = (int)((start + oldSize - 1) / newSize)
           select (first, Enumerable.Range(first, last - first + 1).Select(old => (int)(
               Math.Min(start + oldSize, (old + 1L) * newSize) - Math.Max(start, (long)old * newSize))).ToArray())];
}
