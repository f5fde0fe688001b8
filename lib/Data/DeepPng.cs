using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace C2FVL.Data;

/// <summary>
/// Reads the samples of a 16-bit PNG (PNG specification, third edition), of which the picture library keeps the upper 8 bits
/// only. A CT slice stored in 16 bits often uses a small part of that range, so the lower bits are the picture.
/// </summary>
internal static class DeepPng
{
    private const int HeaderEnd = 33;

    private static ReadOnlySpan<byte> Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    /// <summary>Whether these are the bytes of a 16-bit PNG.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature) && file[24] == 16;

    /// <summary>The samples of a 16-bit PNG.</summary>
    /// <returns>
    /// Width, height, channels a pixel (1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha) and the samples,
    /// shape (height, width, channels).
    /// </returns>
    /// <exception cref="InvalidDataException">The file is broken, cut short, or interlaced.</exception>
    public static (int Width, int Height, int Channels, ushort[] Samples) Read(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        int height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int channels = file[25] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new InvalidDataException("The PNG header is damaged.") };
        if (width < 1 || height < 1 || (long)width * height * channels > Array.MaxLength / 2)
            throw new InvalidDataException("The PNG header is damaged.");
        if (file[28] != 0)
            throw new InvalidDataException("Interlaced 16-bit PNG is not read.");

        int pixelBytes = 2 * channels;
        int rowBytes = width * pixelBytes;
        using var pixels = new ZLibStream(new MemoryStream(PackedPixels(file)), CompressionMode.Decompress);
        var samples = new ushort[width * height * channels];
        byte[] row = new byte[rowBytes], above = new byte[rowBytes];
        for (int y = 0; y < height; y++)
        {
            int filter = pixels.ReadByte();
            if (filter < 0 || pixels.ReadAtLeast(row, rowBytes, throwOnEndOfStream: false) < rowBytes)
                throw new InvalidDataException("The picture is cut short.");
            Unfilter(filter, row, above, pixelBytes);
            for (int i = 0; i < width * channels; i++)
                samples[(y * width * channels) + i] = BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * i));
            (row, above) = (above, row);
        }

        pixels.ReadByte(); // reads the checksum, which tells damage
        return (width, height, channels, samples);
    }

    private static byte[] PackedPixels(byte[] file)
    {
        using var packed = new MemoryStream();
        int at = 8;
        while (at + 8 <= file.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = Encoding.ASCII.GetString(file, at + 4, 4);
            if (type == "IEND")
                return packed.ToArray();
            if (length < 0 || length > file.Length - at - 12)
                break;
            if (type == "IDAT")
                packed.Write(file, at + 8, length);
            at += 12 + length;
        }

        throw new InvalidDataException("The picture is cut short.");
    }

    /// <summary>Undoes a row's filter in place: each byte was stored less a prediction from its left and upper neighbours.</summary>
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
                _ => throw new InvalidDataException("The picture is damaged."),
            });
        }
    }

    private static int Paeth(int left, int up, int upLeft)
    {
        int toLeft = Math.Abs(up - upLeft), toUp = Math.Abs(left - upLeft), toUpLeft = Math.Abs(left + up - (2 * upLeft));
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }
}
