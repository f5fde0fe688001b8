using System.Numerics;
using System.Numerics.Tensors;
using C2FVL.Platform;
using SkiaSharp;

namespace C2FVL.Data;

/// <summary>
/// Reads PNG, JPEG and BMP as grey pictures and as masks, and writes both as PNG. Colour becomes grey by ITU-R
/// BT.601 luma (0.299 R + 0.587 G + 0.114 B), alpha is laid over black, and colour profiles and gamma are ignored: an
/// 8-bit grey value v reads as exactly v / 255, a 16-bit one as v / 65535.
/// </summary>
public static class ImageFile
{
    /// <summary>
    /// A mask file with at most this many distinct values holds labels (0/1, 0/255, 0..3, palette colours); one with
    /// more holds shades, from smoothing or JPEG.
    /// </summary>
    private const int MostLabels = 8;

    /// <summary>Reads a picture.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, cut short, or of another format.</exception>
    public static GrayImage Read(string path) => Decode(path).Image;

    /// <summary>
    /// Reads a mask. In a file of at most 8 distinct values, 0 is background and every other value is lesion. In a
    /// file of more, a pixel is lesion above half of the file's highest value.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, cut short, or of another format.</exception>
    public static BinaryMask ReadMask(string path, int? lesionLabel = null) => ReadMask(path, lesionLabel, out _);

    /// <param name="path">The file.</param>
    /// <param name="values">The distinct values in the file's own range (0 to 255 or 0 to 65535), rising.</param>
    /// <inheritdoc cref="ReadMask(string, int?)"/>
    public static BinaryMask ReadMask(string path, out IReadOnlyList<int> values) => ReadMask(path, null, out values);

    /// <summary>Reads a mask and tells which values its file holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lesionLabel">The value that means lesion; null where everything but background does.</param>
    /// <param name="values">The distinct values in the file's own range (0 to 255 or 0 to 65535), rising.</param>
    /// <inheritdoc cref="ReadMask(string, int?)"/>
    public static BinaryMask ReadMask(string path, int? lesionLabel, out IReadOnlyList<int> values)
    {
        (GrayImage image, int range) = Decode(path);
        int[] levels = Levels(image.Pixels, range);
        values = DistinctSorted(levels, range);
        if (lesionLabel is int label)
            return new BinaryMask(image.Width, image.Height, Array.ConvertAll(levels, v => v == label ? (byte)1 : (byte)0));
        int threshold = values.Count <= MostLabels ? 0 : values[^1] / 2;
        return new BinaryMask(image.Width, image.Height, Array.ConvertAll(levels, v => v > threshold ? (byte)1 : (byte)0));
    }

    /// <summary>Reads size, depth and orientation without decoding the pixels: the first bytes are enough.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no PNG, JPEG or BMP picture.</exception>
    public static ImageHeader ReadHeader(string path)
    {
        using SKCodec codec = SKCodec.Create(path) ?? throw Broken(path, "This is not a readable PNG, JPEG or BMP picture.");
        bool turned = (int)codec.EncodedOrigin >= 5;
        (int width, int height) = turned ? (codec.Info.Height, codec.Info.Width) : (codec.Info.Width, codec.Info.Height);
        return new ImageHeader(width, height, 8, codec.Info.ColorType == SKColorType.Gray8, codec.EncodedFormat.ToString(), (int)codec.EncodedOrigin);
    }

    /// <summary>Writes an 8-bit grey PNG; values outside 0 to 1 are clipped. The file appears whole or not at all.</summary>
    public static void Write(string path, GrayImage image) =>
        WriteGray(path, image.Width, image.Height, Array.ConvertAll(image.Pixels, v => (byte)MathF.Round(Math.Clamp(v, 0, 1) * 255)));

    /// <summary>Writes an 8-bit grey PNG, 255 inside a lesion and 0 elsewhere. The file appears whole or not at all.</summary>
    public static void Write(string path, BinaryMask mask) =>
        WriteGray(path, mask.Width, mask.Height, Array.ConvertAll(mask.Pixels, p => p == 0 ? (byte)0 : (byte)255));

    /// <summary>The whole numbers of the file again; a loop and no delegate, as it runs for every pixel of every mask.</summary>
    private static int[] Levels(float[] pixels, int range)
    {
        var levels = new int[pixels.Length];
        for (int i = 0; i < levels.Length; i++)
            levels[i] = (int)MathF.Round(pixels[i] * range);
        return levels;
    }

    private static int[] DistinctSorted(int[] levels, int range)
    {
        var seen = new bool[range + 1];
        foreach (int level in levels)
            seen[level] = true;
        return [.. Enumerable.Range(0, range + 1).Where(level => seen[level])];
    }

    /// <summary>The picture, and the file's highest possible value: 255, or 65535 for a 16-bit PNG.</summary>
    private static (GrayImage Image, int Range) Decode(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0)
            throw Broken(path, "The file is empty.");
        if (!DeepPng.IsOne(bytes))
            return (Decode8Bit(path, bytes), byte.MaxValue);

        try
        {
            var (width, height, channels, samples) = DeepPng.Read(bytes);
            return (new GrayImage(width, height, Luma<ushort>(samples, channels, ushort.MaxValue)), ushort.MaxValue);
        }
        catch (InvalidDataException e)
        {
            throw Broken(path, e.Message);
        }
    }

    private static GrayImage Decode8Bit(string path, byte[] bytes)
    {
        using SKData data = SKData.CreateCopy(bytes);
        using SKCodec codec = SKCodec.Create(data) ?? throw Broken(path, "This is not a readable PNG, JPEG or BMP picture.");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp))
            throw Broken(path, $"This is a {codec.EncodedFormat} picture.");

        bool gray = codec.Info.ColorType == SKColorType.Gray8;
        // No colour space is asked for, so the decoder leaves the values as they are.
        var info = new SKImageInfo(
            codec.Info.Width,
            codec.Info.Height,
            gray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            gray ? SKAlphaType.Opaque : SKAlphaType.Unpremul,
            null);
        if (info.BytesSize64 > Array.MaxLength)
            throw Broken(path, $"It claims to be {info.Width} x {info.Height}, which is damage or more than can be read.");
        var samples = new byte[info.BytesSize];
        SKCodecResult result;
        unsafe
        {
            fixed (byte* target = samples)
                result = codec.GetPixels(info, (nint)target);
        }

        return result switch
        {
            SKCodecResult.Success => new GrayImage(info.Width, info.Height, Luma<byte>(samples, gray ? 1 : 4, byte.MaxValue)),
            SKCodecResult.IncompleteInput => throw Broken(path, "The picture is cut short."),
            _ => throw Broken(path, $"The picture cannot be decoded ({result})."),
        };
    }

    /// <summary>
    /// Grey values 0 to 1. Luma is summed in whole numbers, so that equal channels of v give exactly v / range.
    /// </summary>
    /// <param name="samples">Shape (height, width, channels).</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</param>
    /// <param name="range">The highest possible sample.</param>
    private static float[] Luma<T>(ReadOnlySpan<T> samples, int channels, int range)
        where T : unmanaged, IBinaryInteger<T>
    {
        var gray = new float[samples.Length / channels];
        if (channels == 1)
        {
            TensorPrimitives.ConvertTruncating(samples, gray.AsSpan());
            TensorPrimitives.Divide(gray, range, gray);
            return gray;
        }

        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<T> pixel = samples.Slice(channels * i, channels);
            long thousandths = channels == 2
                ? 1000 * long.CreateTruncating(pixel[0])
                : (299 * long.CreateTruncating(pixel[0])) + (587 * long.CreateTruncating(pixel[1])) + (114 * long.CreateTruncating(pixel[2]));
            double opacity = channels % 2 == 0 ? int.CreateTruncating(pixel[^1]) / (double)range : 1;
            gray[i] = (float)(thousandths / (1000.0 * range) * opacity);
        }

        return gray;
    }

    private static void WriteGray(string path, int width, int height, byte[] levels)
    {
        var info = new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque);
        using SKImage picture = SKImage.FromPixelCopy(info, levels);
        using SKData data = picture.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }

    /// <summary>What an exception from reading a file says, as a fault to list.</summary>
    internal static DataFault FaultOf(string path, Exception e) =>
        e.Data[nameof(DataFault)] as DataFault
            ?? new DataFault(path, null, $"It cannot be read: {e.Message}", "Check that the file is there, whole, and may be read.");

    private static InvalidDataException Broken(string path, string problem)
    {
        var fault = new DataFault(path, null, problem, "Copy or download it again, or save it as PNG, JPEG or BMP.");
        return new InvalidDataException(fault.ToString()) { Data = { [nameof(DataFault)] = fault } };
    }
}
