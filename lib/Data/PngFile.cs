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

    private const byte GrayType = 0, PaletteType = 3;

    /// <summary>The seven passes of an interlaced file: first row and column, and the steps to the next.</summary>
    private static readonly (int Row, int Column, int RowStep, int ColumnStep)[] Passes =
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)];

    private static ReadOnlySpan<byte> Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    public static bool IsOne(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature);

    /// <summary>Whether these are the bytes of a 16-bit PNG.</summary>
    public static bool IsDeep(ReadOnlySpan<byte> file) => IsOne(file) && Bits(file) == 16;

    public static bool HasPalette(ReadOnlySpan<byte> file) => IsOne(file) && file[25] == PaletteType;

    public static bool IsGray(ReadOnlySpan<byte> file) => file[25] == GrayType;

    /// <summary>Bits a sample.</summary>
    public static int Bits(ReadOnlySpan<byte> file) => file[24];

    /// <summary>Whether all chunks are there, up to the last one.</summary>
    public static bool IsWhole(byte[] file) => IsOne(file) && Chunks(file).Any(chunk => chunk.Type == "IEND");

    /// <summary>
    /// The orientation in the eXIf chunk, which the image library does not read; upright where there is none. The
    /// block has TIFF's form: entries of 12 bytes, of which tag 0x112 is meant.
    /// </summary>
    public static ImageOrientation Orientation(byte[] file)
    {
        byte[] exif = Chunks(file).FirstOrDefault(chunk => chunk.Type == "eXIf").Data.ToArray();
        bool isBig = exif.AsSpan().StartsWith("MM"u8);
        if (exif.Length < 10 || (!isBig && !exif.AsSpan().StartsWith("II"u8)))
            return ImageOrientation.Upright;
        uint first = isBig ? BinaryPrimitives.ReadUInt32BigEndian(exif.AsSpan(4))
            : BinaryPrimitives.ReadUInt32LittleEndian(exif.AsSpan(4));
        for (long entry = first + 2L; entry + 12 <= exif.Length; entry += 12)
        {
            if (Number(entry) == 0x112 && Number(entry + 8) is >= 1 and <= 8 and int found)
                return (ImageOrientation)found;
        }

        return ImageOrientation.Upright;

        int Number(long at) => isBig ? (exif[at] << 8) | exif[at + 1] : (exif[at + 1] << 8) | exif[at];
    }

    /// <summary>The samples as stored, of any depth; of a file with a palette, its numbers.</summary>
    /// <returns>
    /// Width, height, channels a pixel (1 grey or palette, 2 grey and alpha, 3 colour, 4 colour and alpha) and the
    /// samples, shape (height, width, channels).
    /// </returns>
    /// <exception cref="InvalidDataException">The file is broken or cut short.</exception>
    public static (int Width, int Height, int Channels, ushort[] Samples) Read(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        int height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int channels = file[25] switch { GrayType or PaletteType => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        int bits = Bits(file);
        if (width < 1 || height < 1 || channels == 0 || (long)width * height * channels > Array.MaxLength / 2)
            throw new InvalidDataException("The PNG header is damaged.");

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
                    throw new InvalidDataException("The image is cut short.");
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
        return (width, height, channels, samples);
    }

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
