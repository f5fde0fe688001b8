using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace C2FVL.Data;

/// <summary>
/// What the image library does not report about a PNG file: its depth, its chunks and its palette's numbers.
/// </summary>
internal static class PngFile
{
    /// <summary>Signature and header chunk.</summary>
    public const int HeaderEnd = 33;

    private const byte GrayType = 0, PaletteType = 3;

    private static ReadOnlySpan<byte> Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    public static bool IsOne(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature);

    /// <summary>Whether these are the bytes of a 16-bit PNG.</summary>
    public static bool IsDeep(ReadOnlySpan<byte> file) => IsOne(file) && Bits(file) == 16;

    public static bool HasPalette(ReadOnlySpan<byte> file) => IsOne(file) && file[25] == PaletteType;

    public static bool IsGray(ReadOnlySpan<byte> file) => file[25] == GrayType;

    /// <summary>Bits a sample.</summary>
    public static int Bits(ReadOnlySpan<byte> file) => file[24];

    /// <summary>The chunks' types and data, up to the end chunk or to where the file is cut.</summary>
    public static IEnumerable<(string Type, ReadOnlyMemory<byte> Data)> Chunks(byte[] file)
    {
        int at = Signature.Length;
        while (at + 8 <= file.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = Encoding.ASCII.GetString(file, at + 4, 4);
            if (type != "IEND" && (length < 0 || length > file.Length - at - 12))
                yield break;
            yield return (type, type == "IEND" ? default : file.AsMemory(at + 8, length));
            if (type == "IEND")
                yield break;
            at += 12 + length;
        }
    }

    /// <summary>Whether all chunks are there, up to the last one.</summary>
    public static bool IsWhole(byte[] file) => IsOne(file) && Chunks(file).Any(chunk => chunk.Type == "IEND");

    /// <summary>
    /// The orientation in the eXIf chunk, which the image library does not read; upright where there is none.
    /// </summary>
    public static ImageOrientation Orientation(byte[] file) =>
        Orientation(Chunks(file).FirstOrDefault(chunk => chunk.Type == "eXIf").Data.Span);

    /// <summary>
    /// The orientation in a block of EXIF, which has TIFF's form: entries of 12 bytes, of which tag 0x112 is meant.
    /// </summary>
    private static ImageOrientation Orientation(ReadOnlySpan<byte> exif)
    {
        bool isBig = exif.StartsWith("MM"u8);
        if (exif.Length < 10 || (!isBig && !exif.StartsWith("II"u8)))
            return ImageOrientation.Upright;
        uint first = isBig
            ? BinaryPrimitives.ReadUInt32BigEndian(exif[4..])
            : BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]);
        for (long at = first + 2L; at + 12 <= exif.Length; at += 12)
        {
            if (Number(exif[(int)at..], isBig) == 0x112
                && Number(exif[((int)at + 8)..], isBig) is >= 1 and <= 8 and int found)
                return (ImageOrientation)found;
        }

        return ImageOrientation.Upright;
    }

    private static int Number(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    /// <summary>
    /// The same image with a palette of 256 greys, number i being the grey i, so that decoding gives the numbers.
    /// </summary>
    public static byte[] WithGrayPalette(byte[] file)
    {
        byte[] palette = [
            .. Enumerable.Range(0, 1 << Math.Min(8, Bits(file))).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i })];
        var changed = new MemoryStream();
        changed.Write(Signature);
        foreach ((string type, ReadOnlyMemory<byte> data) in Chunks(file))
        {
            if (type is "IHDR" or "PLTE" or "IDAT")
                WriteChunk(changed, type, type == "PLTE" ? palette : data.Span);
        }

        WriteChunk(changed, "IEND", []);
        return changed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] name = Encoding.ASCII.GetBytes(type);
        var crc = new Crc32();
        crc.Append(name);
        crc.Append(data);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}

/// <summary>
/// Reads the samples of a 16-bit PNG (PNG specification, third edition), of which the image library keeps the upper 8
/// bits only. A CT slice stored in 16 bits often uses a small part of that range, so the lower bits are the image.
/// </summary>
internal static class DeepPng
{
    /// <summary>The seven passes of an interlaced file: first row and column, and the steps to the next.</summary>
    private static readonly (int Row, int Column, int RowStep, int ColumnStep)[] Passes =
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)];

    /// <summary>The samples of a 16-bit PNG.</summary>
    /// <returns>
    /// Width, height, channels a pixel (1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha) and the samples,
    /// shape (height, width, channels).
    /// </returns>
    /// <exception cref="InvalidDataException">The file is broken or cut short.</exception>
    public static (int Width, int Height, int Channels, ushort[] Samples) Read(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        int height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int channels = file[25] switch
        {
            0 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => throw new InvalidDataException("The PNG header is damaged."),
        };
        if (width < 1 || height < 1 || (long)width * height * channels > Array.MaxLength / 2)
            throw new InvalidDataException("The PNG header is damaged.");

        using var pixels = new ZLibStream(new MemoryStream(PackedPixels(file)), CompressionMode.Decompress);
        var samples = new ushort[width * height * channels];
        foreach (
            (int firstRow, int firstColumn, int rowStep, int columnStep) in file[28] == 0 ? [(0, 0, 1, 1)] : Passes)
        {
            int columns = (width - firstColumn + columnStep - 1) / columnStep;
            int pixelBytes = 2 * channels, rowBytes = columns * pixelBytes;
            if (columns <= 0)
                continue;
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
                    samples[(((y * width) + x) * channels) + (i % channels)] = BinaryPrimitives.ReadUInt16BigEndian(
                        row.AsSpan(2 * i));
                }

                (row, above) = (above, row);
            }
        }

        pixels.ReadByte(); // reads the checksum, which tells damage
        return (width, height, channels, samples);
    }

    private static byte[] PackedPixels(byte[] file)
    {
        using var packed = new MemoryStream();
        foreach ((string type, ReadOnlyMemory<byte> data) in PngFile.Chunks(file))
        {
            if (type == "IDAT")
                packed.Write(data.Span);
        }

        return packed.ToArray();
    }

    /// <summary>
    /// Undoes a row's filter in place: each byte was stored less a prediction from its left and upper neighbours.
    /// </summary>
    private static void Unfilter(int filter, byte[] row, byte[] above, int pixelBytes)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < pixelBytes ? 0 : row[i - pixelBytes];
            int up = above[i];
            int upLeft = i < pixelBytes ? 0 : above[i - pixelBytes];
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
        int toLeft = Math.Abs(up - upLeft), toUp = Math.Abs(left - upLeft), toUpLeft = Math.Abs(
            left + up - (2 * upLeft));
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }
}
