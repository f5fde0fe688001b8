using System.Buffers.Binary;
using System.IO.Compression;

namespace C2FVL.Data;

/// <summary>
/// Reads the samples of a 16-bit PNG (PNG specification, third edition), of which the picture library keeps the upper 8 bits
/// only. A CT slice stored in 16 bits often uses a small part of that range, so the lower bits are the picture.
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
        int channels = file[25] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new InvalidDataException("The PNG header is damaged.") };
        if (width < 1 || height < 1 || (long)width * height * channels > Array.MaxLength / 2)
            throw new InvalidDataException("The PNG header is damaged.");

        using var pixels = new ZLibStream(new MemoryStream(PackedPixels(file)), CompressionMode.Decompress);
        var samples = new ushort[width * height * channels];
        foreach ((int firstRow, int firstColumn, int rowStep, int columnStep) in file[28] == 0 ? [(0, 0, 1, 1)] : Passes)
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
                    throw new InvalidDataException("The picture is cut short.");
                Unfilter(filter, row, above, pixelBytes);
                for (int i = 0; i < columns * channels; i++)
                {
                    int x = firstColumn + (i / channels * columnStep);
                    samples[(((y * width) + x) * channels) + (i % channels)] = BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * i));
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
