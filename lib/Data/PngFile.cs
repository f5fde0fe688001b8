using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using StbImageSharp;

namespace C2FVL.Data;

/// <summary>
/// Reads of a PNG file what SkiaSharp does not (PNG specification, third edition): depth, orientation, the palette's
/// numbers, and all 16 bits of a sample, of which it keeps the upper 8. A CT slice stored in 16 bits often uses a small
/// part of that range, so the lower bits are the image.
/// </summary>
internal static class PngFile
{
    /// <summary>Signature and header chunk.</summary>
    private const int HeaderEnd = 33;

    private const int Depth = 24, ColorType = 25;

    private const byte PaletteType = 3;

    private static ReadOnlySpan<byte> Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    public static bool IsOne(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature);

    /// <summary>Whether these are the bytes of a 16-bit PNG.</summary>
    public static bool IsDeep(ReadOnlySpan<byte> file) => IsOne(file) && file[Depth] == 16;

    public static bool HasPalette(ReadOnlySpan<byte> file) => IsOne(file) && file[ColorType] == PaletteType;

    /// <summary>
    /// The orientation in the eXIf chunk, which the image library does not read; upright where there is none. The
    /// block has TIFF's form: entries of 12 bytes, of which tag 0x112 is meant.
    /// </summary>
    public static ImageOrientation Orientation(byte[] file)
    {
        // The entry as bytes, big-endian and little-endian: the tag 0x112, one short number, and its value.
        ReadOnlySpan<byte> exif = Chunks(file).FirstOrDefault(chunk => chunk.Type == "eXIf").Data;
        int big = exif.IndexOf((byte[])[1, 0x12, 0, 3, 0, 0, 0, 1, 0]);
        int little = exif.IndexOf((byte[])[0x12, 1, 3, 0, 1, 0, 0, 0]);
        int found = exif.StartsWith("MM"u8) && big >= 0 ? big + 9
            : exif.StartsWith("II"u8) && little >= 0 ? little + 8 : 0;
        return found > 0 && found < exif.Length && exif[found] is >= 1 and <= 8 and byte orientation
            ? (ImageOrientation)orientation : ImageOrientation.Upright;
    }

    /// <summary>The samples as stored, of any depth; of a file with a palette, its numbers.</summary>
    /// <returns>
    /// Channels a pixel (1 grey or palette, 2 grey and alpha, 3 colour, 4 colour and alpha) and the samples, shape
    /// (height, width, channels).
    /// </returns>
    /// <exception cref="InvalidDataException">The file is broken or cut short.</exception>
    public static unsafe (int Channels, ushort[] Samples) Read(byte[] file)
    {
        if (!Chunks(file).Any(chunk => chunk.Type == "IEND"))
            throw new InvalidDataException("The image is cut short.");
        byte[] copy = [.. file];
        if (HasPalette(file))
        {
            // Read as grey, the samples are the palette's numbers, those beyond its end too. Transparency goes unread.
            copy[ColorType] = 0;
            foreach ((_, ArraySegment<byte> data) in Chunks(file).Where(chunk => chunk.Type == "tRNS"))
                copy[data.Offset - 1] = (byte)'x';
        }

        int channels = file[ColorType] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }, width, height, stored;
        using var stream = new MemoryStream(copy);
        ushort* decoded = StbImage.stbi__load_and_postprocess_16bit(
            new StbImage.stbi__context(stream), &width, &height, &stored, channels);
        if (decoded == null)
            throw new InvalidDataException("The image is damaged.");
        ushort[] samples = new Span<ushort>(decoded, width * height * channels).ToArray();
        Marshal.FreeHGlobal((nint)decoded);
        int step = ushort.MaxValue / ((1 << file[Depth]) - 1); // the decoder spreads all depths over 16 bits
        return (channels, Array.ConvertAll(samples, sample => (ushort)(sample / step)));
    }

    /// <summary>The chunks' types and data, up to the end chunk or to where the file is cut.</summary>
    private static IEnumerable<(string Type, ArraySegment<byte> Data)> Chunks(byte[] file)
    {
        int at = Signature.Length;
        string type = "";
        while (type != "IEND" && at + 8 <= file.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            type = Encoding.ASCII.GetString(file, at + 4, 4);
            if (type == "IEND")
                length = 0;
            else if (length < 0 || length > file.Length - at - 12)
                yield break;
            yield return (type, new ArraySegment<byte>(file, at + 8, length));
            at += 12 + length;
        }
    }
}
