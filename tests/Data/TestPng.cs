using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace C2FVL.Tests.Data;

/// <summary>Writes PNG files of kinds that no encoder here writes: 16 bit, 1 bit, palettes, gamma.</summary>
internal static class TestPng
{
    public const byte Gray = 0, Rgb = 2, Palette = 3, GrayAlpha = 4, Rgba = 6;

    /// <param name="path">Where to.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="bits">Bits a channel.</param>
    /// <param name="colour">PNG's colour type.</param>
    /// <param name="rows">Each row's packed bytes.</param>
    /// <param name="chunks">What stands between header and pixels: PLTE, tRNS, gAMA.</param>
    public static void Write(string path, int width, byte bits, byte colour, byte[][] rows, params (string Type, byte[] Data)[] chunks) =>
        Write(path, width, bits, colour, rows, filter: 0, chunks);

    /// <param name="filter">PNG's row filter, 0 to 4; other than 0 for one 16-bit channel only.</param>
    public static void Write(string path, int width, byte bits, byte colour, byte[][] rows, byte filter, params (string Type, byte[] Data)[] chunks)
    {
        using FileStream file = File.Create(path);
        file.Write([137, 80, 78, 71, 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), rows.Length);
        header[8] = bits;
        header[9] = colour;
        Chunk(file, "IHDR", header);
        foreach (var (type, data) in chunks)
            Chunk(file, type, data);

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < rows.Length; y++)
            {
                zlib.WriteByte(filter);
                zlib.Write(Filtered(rows[y], y == 0 ? new byte[rows[y].Length] : rows[y - 1], filter));
            }
        }

        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
    }

    private static byte[] Filtered(byte[] row, byte[] above, byte filter)
    {
        const int PixelBytes = 2;
        return [.. row.Select((value, i) =>
        {
            int a = i < PixelBytes ? 0 : row[i - PixelBytes], b = above[i], c = i < PixelBytes ? 0 : above[i - PixelBytes];
            int p = a + b - c;
            int paeth = new[] { a, b, c }.MinBy(n => Math.Abs(p - n)); // the first of equals, as the format asks
            return (byte)(value - (filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth }));
        })];
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }

        return ~crc;
    }
}
