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

    private const byte PaletteType = 3;

    private static ReadOnlySpan<byte> Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    public static bool IsOne(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature);

    /// <summary>Whether these are the bytes of a 16-bit PNG.</summary>
    public static bool IsDeep(ReadOnlySpan<byte> file) => IsOne(file) && file[24] == 16;

    public static bool HasPalette(ReadOnlySpan<byte> file) => IsOne(file) && file[25] == PaletteType;

    /// <summary>
    /// The orientation in the eXIf chunk, which the image library does not read; upright where there is none. The
    /// block has TIFF's form: entries of 12 bytes, of which tag 0x112 is meant.
    /// </summary>
    public static ImageOrientation Orientation(byte[] file)
    {
        // The entry as bytes, big-endian and little-endian: the tag 0x112, one short number, and its value.
        ReadOnlySpan<byte> exif = Chunks(file).FirstOrDefault(chunk => chunk.Type == "eXIf").Data.Span;
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
        // With entry i of the palette made the grey i, the decoder's grey values are the palette's numbers.
        foreach ((_, Memory<byte> palette) in Chunks(copy).Where(chunk => chunk.Type == "PLTE" && HasPalette(file)))
        {
            for (int i = 0; i < palette.Length; i++)
                palette.Span[i] = (byte)(i / 3);
        }

        int channels = file[25] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }, width, height, stored;
        using var stream = new MemoryStream(copy);
        ushort* decoded = StbImage.stbi__load_and_postprocess_16bit(
            new StbImage.stbi__context(stream), &width, &height, &stored, channels);
        if (decoded == null)
            throw new InvalidDataException("The image is damaged.");
        ushort[] samples = new Span<ushort>(decoded, width * height * channels).ToArray();
        Marshal.FreeHGlobal((nint)decoded);
        return (channels, IsDeep(file) ? samples : Array.ConvertAll(samples, sample => (ushort)(sample >> 8)));
    }

    /// <summary>The chunks' types and data, up to the end chunk or to where the file is cut.</summary>
    private static IEnumerable<(string Type, Memory<byte> Data)> Chunks(byte[] file)
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
            yield return (type, file.AsMemory(at + 8, length));
            at += 12 + length;
        }
    }
}
