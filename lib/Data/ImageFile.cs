using System.Numerics.Tensors;
using C2FVL.Platform;
using SkiaSharp;

namespace C2FVL.Data;

/// <summary>
/// Reads PNG, JPEG and BMP as grey images and as masks, upright by the file's own orientation (EXIF), and writes both
/// as PNG. Colour becomes grey by ITU-R BT.601 luma (0.299 R + 0.587 G + 0.114 B), alpha is laid over black, and colour
/// profiles and gamma are ignored: an 8-bit grey value v reads as exactly v / 255, a 16-bit one as v / 65535.
/// </summary>
public static class ImageFile
{
    /// <summary>
    /// An image of more pixels is refused before it is decoded: a file of a few kilobytes can ask for gigabytes.
    /// </summary>
    public const long MostPixels = 100_000_000;

    private const string SaveAgain = "Copy or download it again, or save it as PNG, JPEG or BMP.";

    /// <summary>Reads an image.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, cut short, too large, or of another
    /// format.</exception>
    public static GrayImage Read(string path) => Read(path, ReadBytes(path));

    /// <summary>
    /// Reads a mask: 0 is background, any one other value is lesion, and shades between them that form only a rim of
    /// one or two pixels are soft edges, of which the upper half is lesion. Colours count as values of their own.
    /// Where grey or colour are the same everywhere, transparency or the palette's numbers mark the lesion.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="lesionLabel">The value that means lesion where the file has several; null for a file with
    /// one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file cannot be decoded; or it holds several labels and none is chosen, which the message lists with their
    /// areas; or it is a JPEG file of which the values are not sure.
    /// </exception>
    public static BinaryMask ReadMask(string path, int? lesionLabel = null) =>
        ReadMask(path, ReadBytes(path), lesionLabel, out _);

    /// <summary>Reads a mask from a file's bytes and reports which values it contains.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="lesionLabel">The value that means lesion; null where the file has one label.</param>
    /// <param name="values">The distinct values in the file's own range (0 to 255 or 0 to 65535), rising.</param>
    /// <inheritdoc cref="ReadMask(string, int?)"/>
    internal static BinaryMask ReadMask(string path, byte[] bytes, int? lesionLabel, out IReadOnlyList<int> values)
    {
        DecodedPicture picture = Decode(path, bytes);
        MaskLabels labels = MaskLabels.From(picture);
        values = labels.Values;
        return labels.Problem(lesionLabel) is (string problem, string cure) ? throw Broken(path, problem, cure)
            : labels.ToMask(lesionLabel).Upright(picture.Orientation);
    }

    /// <summary>
    /// A file's bytes. A named pipe or device, which like an empty file has no length, is refused: it would be waited
    /// for without end.
    /// </summary>
    internal static byte[] ReadBytes(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists && Directory.Exists(path))
            throw Broken(path, "This is a folder, not an image.", "Name a PNG, JPEG or BMP file.");
        if (file is { Exists: true, Length: 0 })
            throw Broken(path, "The file is empty.", $"{SaveAgain} A named pipe or device is not read.");
        return File.ReadAllBytes(path);
    }

    /// <summary>
    /// Writes an 8-bit grey PNG; values outside 0 to 1 are clipped. The file appears whole or not at all.
    /// </summary>
    public static void Write(string path, GrayImage image)
    {
        byte[] levels = Array.ConvertAll(image.Pixels, v => (byte)MathF.Round(Math.Clamp(v, 0, 1) * 255));
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        using SKImage picture = SKImage.FromPixelCopy(info, levels);
        using SKData data = picture.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }

    /// <summary>
    /// Writes an 8-bit grey PNG, 255 inside a lesion and 0 elsewhere. The file appears whole or not at all.
    /// </summary>
    public static void Write(string path, BinaryMask mask) => Write(path, mask.ToImage());

    /// <summary>What an exception from reading a file says, as an error to list.</summary>
    internal static DataFault FaultFrom(string path, Exception e) =>
        e.Data[nameof(DataFault)] as DataFault ?? new DataFault(
            path, null, $"It cannot be read: {e.Message}", "Check that the file is there, whole, and may be read.");

    /// <summary>Reads an image from a file's bytes.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InvalidDataException">It is broken, cut short, too large, or of another format.</exception>
    public static GrayImage Read(string name, byte[] bytes)
    {
        DecodedPicture picture = Decode(name, bytes);
        return new GrayImage(picture.Width, picture.Height, picture.Luma()).Upright(picture.Orientation);
    }

    private static DecodedPicture Decode(string path, byte[] bytes)
    {
        using SKData data = SKData.CreateCopy(bytes);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null)
            throw Broken(path, "This is not a readable PNG, JPEG or BMP image.");
        SKEncodedImageFormat format = codec.EncodedFormat;
        if (format is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp))
            throw Broken(path, $"This is a {format} image.");
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw Broken(path, $"It is {width} x {height}: {width * (long)height / 1_000_000} megapixels, but the "
                + $"limit is {MostPixels / 1_000_000}.",
                "Scale the image down, or copy it again if it should be smaller.");
        try
        {
            bool isDeep = PngFile.IsDeep(bytes), isGray = codec.Info.ColorType == SKColorType.Gray8;
            ushort[] samples = Samples(path, codec, isGray);
            (int channels, ushort[]? stored) = isDeep || PngFile.HasPalette(bytes) ? PngFile.Read(bytes) : default;
            return new DecodedPicture(format == SKEncodedImageFormat.Jpeg, PngFile.IsOne(bytes)
                ? PngFile.Orientation(bytes) : (ImageOrientation)codec.EncodedOrigin, width, height,
                isDeep ? channels : isGray ? 1 : 4, isDeep ? ushort.MaxValue : byte.MaxValue,
                isDeep ? stored! : samples, isDeep ? null : stored);
        }
        catch (InvalidDataException e) when (e.Data[nameof(DataFault)] is null)
        {
            throw Broken(path, e.Message);
        }
    }

    private static ushort[] Samples(string path, SKCodec codec, bool gray)
    {
        // No colour space is asked for, so the decoder leaves the values as they are.
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, gray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            gray ? SKAlphaType.Opaque : SKAlphaType.Unpremul, null);
        SKCodecResult result = codec.GetPixels(info, out byte[] samples);
        if (result != SKCodecResult.Success)
            throw Broken(path, result == SKCodecResult.IncompleteInput
                ? "The image is cut short." : $"The image cannot be decoded ({result}).");
        var wide = new ushort[samples.Length];
        TensorPrimitives.ConvertTruncating<byte, ushort>(samples, wide);
        return wide;
    }

    private static InvalidDataException Broken(string path, string problem, string cure = SaveAgain) =>
        new DataFault(path, null, problem, cure).AsException();
}

/// <summary>The samples of an image file as stored, before anything is made of them.</summary>
/// <param name="IsJpeg">Whether the file is JPEG, whatever it is called.</param>
/// <param name="Orientation">What the file says of it (EXIF).</param>
/// <param name="Width">Pixels a stored row.</param>
/// <param name="Height">Stored rows.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</param>
/// <param name="Range">The highest possible sample: 255 or 65535.</param>
/// <param name="Samples">Shape (height, width, channels).</param>
/// <param name="Indices">The palette's indices, shape (height, width); null for a file without a palette.</param>
internal sealed record DecodedPicture(bool IsJpeg, ImageOrientation Orientation, int Width, int Height, int Channels,
    int Range, ushort[] Samples, ushort[]? Indices)
{
    public int Pixels => Width * Height;

    /// <summary>Whether the last channel is opacity.</summary>
    public bool HasAlpha => Channels % 2 == 0;

    /// <summary>
    /// Grey values 0 to 1, alpha over black. Luma is summed in whole numbers, so that equal channels of v give exactly
    /// v / range.
    /// </summary>
    public float[] Luma()
    {
        var gray = new float[Pixels];
        if (Channels == 1)
        {
            TensorPrimitives.ConvertTruncating<ushort, float>(Samples, gray);
            TensorPrimitives.Divide(gray, Range, gray);
            return gray;
        }

        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<ushort> pixel = Samples.AsSpan(Channels * i, Channels);
            long thousandths =
                Channels == 2 ? 1000L * pixel[0] : (299L * pixel[0]) + (587L * pixel[1]) + (114L * pixel[2]);
            double opacity = HasAlpha ? pixel[^1] / (double)Range : 1;
            gray[i] = (float)(thousandths / (1000.0 * Range) * opacity);
        }

        return gray;
    }
}

/// <summary>
/// How an image is stored: which change turns it upright. The numbers are those of EXIF's orientation tag.
/// </summary>
public enum ImageOrientation
{
    /// <summary>As it is.</summary>
    Upright = 1,

    /// <summary>Left and right change places.</summary>
    Mirrored = 2,

    /// <summary>Half a turn.</summary>
    HalfTurn = 3,

    /// <summary>Upper and lower change places.</summary>
    Flipped = 4,

    /// <summary>Rows become columns: the left edge becomes the upper one.</summary>
    Transposed = 5,

    /// <summary>A quarter turn clockwise.</summary>
    QuarterClockwise = 6,

    /// <summary>Rows become columns, then half a turn.</summary>
    Transversed = 7,

    /// <summary>A quarter turn counter-clockwise.</summary>
    QuarterCounterClockwise = 8,
}
