using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace C2FVL.Data;

/// <summary>What the picture library does not tell of a PNG file: its depth, its chunks and its palette's numbers.</summary>
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

    /// <summary>The chunks' types and data, up to the end chunk.</summary>
    /// <exception cref="InvalidDataException">The file ends before its end chunk.</exception>
    public static IEnumerable<(string Type, ReadOnlyMemory<byte> Data)> Chunks(byte[] file)
    {
        int at = Signature.Length;
        while (at + 8 <= file.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = Encoding.ASCII.GetString(file, at + 4, 4);
            if (type == "IEND")
                yield break;
            if (length < 0 || length > file.Length - at - 12)
                break;
            yield return (type, file.AsMemory(at + 8, length));
            at += 12 + length;
        }

        throw new InvalidDataException("The picture is cut short.");
    }

    /// <summary>The orientation in the eXIf chunk, which the picture library does not read; upright where there is none.</summary>
    public static ImageOrientation Orientation(Stream file)
    {
        var head = new byte[8];
        file.Position = Signature.Length;
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
            string type = Encoding.ASCII.GetString(head, 4, 4);
            if (type == "IEND" || file.Position + length > file.Length)
                break;
            if (type == "eXIf")
            {
                var exif = new byte[length];
                file.ReadExactly(exif);
                return Orientation(exif);
            }

            file.Position += length + 4; // the checksum follows
        }

        return ImageOrientation.Upright;
    }

    /// <summary>The orientation in a block of EXIF, which has TIFF's form: entries of 12 bytes, of which tag 0x112 is meant.</summary>
    private static ImageOrientation Orientation(ReadOnlySpan<byte> exif)
    {
        bool isBig = exif.StartsWith("MM"u8);
        if (exif.Length < 10 || (!isBig && !exif.StartsWith("II"u8)))
            return ImageOrientation.Upright;
        uint first = isBig ? BinaryPrimitives.ReadUInt32BigEndian(exif[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]);
        for (long at = first + 2L; at + 12 <= exif.Length; at += 12)
        {
            if (Number(exif[(int)at..], isBig) == 0x112 && Number(exif[((int)at + 8)..], isBig) is >= 1 and <= 8 and int found)
                return (ImageOrientation)found;
        }

        return ImageOrientation.Upright;
    }

    private static int Number(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    /// <summary>The same picture with a palette of 256 greys, number i being the grey i, so that decoding gives the numbers.</summary>
    public static byte[] WithGrayPalette(byte[] file)
    {
        byte[] palette = [.. Enumerable.Range(0, 1 << Math.Min(8, Bits(file))).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i })];
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
