using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace C2FVL.Data;

/// <summary>
/// Reads of a PNG file what the image library does not (PNG specification, third edition): depth, orientation, the
/// palette's numbers, and all 16 bits of a sample, of which the library keeps the upper 8. A CT slice stored in 16 bits
/// often uses a small part of that range, so the lower bits are the image.
/// </summary>
internal static class PngFile
{
    /// <summary>Signature and header chunk.</summary>
    private const int HeaderEnd = 33;

    private const byte PaletteType = 3;

    /// <summary>The seven passes of an interlaced file: first row and column, and the steps to the next.</summary>
    private static readonly (int Row, int Column, int RowStep, int ColumnStep)[] Passes =
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)];

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
    public static (int Channels, ushort[] Samples) Read(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        int height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int bits = file[24], channels = file[25] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        if (!Chunks(file).Any(chunk => chunk.Type == "IEND"))
            throw CutShort();
        using var packed = new MemoryStream();
        foreach ((_, ReadOnlyMemory<byte> data) in Chunks(file).Where(chunk => chunk.Type == "IDAT"))
            packed.Write(data.Span);
        packed.Position = 0;
        using var pixels = new ZLibStream(packed, CompressionMode.Decompress);
        var samples = new ushort[width * height * channels];
        foreach ((int firstRow, int firstColumn, int rowStep, int columnStep) in
            file[28] == 0 ? [(0, 0, 1, 1)] : Passes)
        {
            int columns = (width - firstColumn + columnStep - 1) / columnStep;
            if (columns <= 0)
                continue;
            int rowBytes = ((columns * channels * bits) + 7) / 8, pixelBytes = Math.Max(1, channels * bits / 8);
            byte[] row = new byte[rowBytes], above = new byte[rowBytes];
            for (int y = firstRow; y < height; y += rowStep)
            {
                int filter = pixels.ReadByte();
                if (filter < 0 || pixels.ReadAtLeast(row, rowBytes, throwOnEndOfStream: false) < rowBytes)
                    throw CutShort();
                Unfilter(filter, row, above, pixelBytes);
                for (int i = 0; i < columns * channels; i++)
                {
                    int x = firstColumn + (i / channels * columnStep);
                    samples[(((y * width) + x) * channels) + (i % channels)] = Sample(row, i, bits);
                }

                (row, above) = (above, row);
            }
        }

        pixels.ReadByte(); // reads the checksum, which tells damage
        return (channels, samples);
    }

    private static InvalidDataException CutShort() => new("The image is cut short.");

    private static ushort Sample(byte[] row, int i, int bits) => bits == 16
        ? BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * i))
        : (ushort)((row[i * bits / 8] >> (8 - bits - (i * bits % 8))) & ((1 << bits) - 1));

    /// <summary>
    /// Undoes a row's filter in place: each byte was stored less a prediction from its left and upper neighbours.
    /// </summary>
    private static void Unfilter(int filter, byte[] row, byte[] above, int pixelBytes)
    {
        for (int i = 0; i < row.Length; i++)
        {
            (int left, int upLeft) = i < pixelBytes ? (0, 0) : (row[i - pixelBytes], above[i - pixelBytes]);
            int up = above[i];
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, upLeft),
                _ => throw new InvalidDataException("The image is damaged."),
            });
        }
    }

    private static int Paeth(int left, int up, int upLeft)
    {
        int toLeft = Math.Abs(up - upLeft), toUp = Math.Abs(left - upLeft);
        int toUpLeft = Math.Abs(left + up - (2 * upLeft));
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }

    /// <summary>The chunks' types and data, up to the end chunk or to where the file is cut.</summary>
    private static IEnumerable<(string Type, ReadOnlyMemory<byte> Data)> Chunks(byte[] file)
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
