using C2FVL.Data;
using C2FVL.Tests.Support;
using SkiaSharp;

namespace C2FVL.Tests.Data;

public sealed class ImageFileTests : IDisposable
{
    private static readonly byte[] Levels = [.. Enumerable.Range(0, 256).Select(v => (byte)v)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_8_bit_grey_value_reads_as_itself_over_255_whatever_the_gamma()
    {
        byte[] gamma1 = [0, 1, 0x86, 0xa0];
        TestPng.Write(folder["a.png"], 256, 8, TestPng.Gray, [Levels], ("gAMA", gamma1));
        Assert.Equal(Levels.Select(v => v / 255f), ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Fact]
    public void Equal_colour_channels_read_exactly_like_grey()
    {
        TestPng.Write(folder["a.png"], 256, 8, TestPng.Rgb, [[.. Levels.SelectMany(v => new[] { v, v, v })]], ("gAMA", [0, 1, 0x86, 0xa0]));
        Assert.Equal(Levels.Select(v => v / 255f), ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Fact]
    public void Colour_becomes_601_luma()
    {
        TestPng.Write(folder["a.png"], 3, 8, TestPng.Rgb, [[255, 0, 0, 0, 255, 0, 0, 0, 255]]);
        Assert.Equal([0.299f, 0.587f, 0.114f], ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Fact]
    public void Alpha_lies_over_black()
    {
        TestPng.Write(folder["rgba.png"], 2, 8, TestPng.Rgba, [[255, 255, 255, 51, 255, 255, 255, 0]]);
        TestPng.Write(folder["ga.png"], 2, 8, TestPng.GrayAlpha, [[255, 51, 255, 0]]);
        Assert.Equal([0.2f, 0f], ImageFile.Read(folder["rgba.png"]).Pixels);
        Assert.Equal([0.2f, 0f], ImageFile.Read(folder["ga.png"]).Pixels);
    }

    [Fact]
    public void A_palette_reads_by_its_colours()
    {
        TestPng.Write(folder["a.png"], 3, 8, TestPng.Palette, [[2, 0, 1]], ("PLTE", [0, 0, 0, 51, 51, 51, 255, 0, 0]));
        Assert.Equal([0.299f, 0f, 0.2f], ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Fact]
    public void One_bit_reads_as_black_and_white()
    {
        TestPng.Write(folder["a.png"], 4, 1, TestPng.Gray, [[0b0110_0000]]);
        Assert.Equal([0f, 1f, 1f, 0f], ImageFile.Read(folder["a.png"]).Pixels);
        Assert.Equal([0, 1, 1, 0], ImageFile.ReadMask(folder["a.png"]).Pixels);
    }

    [Theory]
    [InlineData(TestPng.Gray, 1)]
    [InlineData(TestPng.GrayAlpha, 2)]
    [InlineData(TestPng.Rgb, 3)]
    [InlineData(TestPng.Rgba, 4)]
    public void Sixteen_bits_keep_their_precision(byte colour, int channels)
    {
        ushort[] levels = [0, 1, 300, 301, 4095, 65535];
        byte[] row = [.. levels.SelectMany(v => Enumerable.Range(0, channels).SelectMany(channel =>
        {
            bool alpha = channels % 2 == 0 && channel == channels - 1;
            return BigEndian(alpha ? ushort.MaxValue : v);
        }))];
        TestPng.Write(folder["a.png"], levels.Length, 16, colour, [row]);
        Assert.Equal(levels.Select(v => v / 65535f), ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Sixteen_bit_rows_come_back_through_every_filter(byte filter)
    {
        var random = new Random(filter);
        byte[][] rows = [.. Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, 14).Select(_ => (byte)random.Next(256)).ToArray())];
        TestPng.Write(folder["a.png"], 7, 16, TestPng.Gray, rows, filter);
        float[] expected = [.. rows.SelectMany(row => row.Chunk(2)).Select(pair => ((pair[0] << 8) | pair[1]) / 65535f)];
        Assert.Equal(expected, ImageFile.Read(folder["a.png"]).Pixels);
    }

    [Fact]
    public void Jpeg_reads_nearly_the_same()
    {
        GrayImage image = Ramp(40, 30);
        File.WriteAllBytes(folder["a.jpg"], Encoded(image, SKEncodedImageFormat.Jpeg));
        GrayImage read = ImageFile.Read(folder["a.jpg"]);
        Assert.Equal((40, 30), (read.Width, read.Height));
        Assert.All(read.Pixels.Zip(image.Pixels), pair => Assert.Equal(pair.Second, pair.First, 0.03f));
    }

    [Fact]
    public void Bmp_of_24_bits_reads_exactly()
    {
        WriteBmp(folder["a.bmp"], 2, [[10, 10, 10, 0, 0, 255], [255, 255, 255, 200, 200, 200]]);
        Assert.Equal([10 / 255f, 0.299f, 1f, 200 / 255f], ImageFile.Read(folder["a.bmp"]).Pixels);
    }

    [Fact]
    public void A_written_image_reads_back_within_half_a_grey_step()
    {
        GrayImage image = Ramp(33, 17);
        ImageFile.Write(folder["a.png"], image);
        GrayImage read = ImageFile.Read(folder["a.png"]);
        Assert.All(read.Pixels.Zip(image.Pixels), pair => Assert.Equal(pair.Second, pair.First, 0.501f / 255));
        Assert.Equal(["a.png"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_written_mask_is_0_and_255_and_reads_back()
    {
        var mask = new BinaryMask(3, 2, [0, 1, 1, 0, 0, 1]);
        ImageFile.Write(folder["m.png"], mask);
        Assert.Equal(mask.Pixels, ImageFile.ReadMask("m.png", File.ReadAllBytes(folder["m.png"]), null, out IReadOnlyList<int> values).Pixels);
        Assert.Equal([0, 255], values);
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 0, 1 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 75, 0 }, new byte[] { 0, 0, 1, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 }, new byte[] { 0, 0, 0, 0 })]
    public void A_mask_of_one_label_is_lesion_above_0(byte[] levels, byte[] lesion)
    {
        TestPng.Write(folder["m.png"], levels.Length, 8, TestPng.Gray, [levels]);
        Assert.Equal(lesion, ImageFile.ReadMask(folder["m.png"]).Pixels);
    }

    [Fact]
    public void Sixteen_bit_label_masks_give_the_label_that_is_chosen()
    {
        TestPng.Write(folder["m.png"], 3, 16, TestPng.Gray, [[0, 0, 0, 1, 0, 2]]);
        Assert.Equal([0, 1, 0], ImageFile.ReadMask("m.png", File.ReadAllBytes(folder["m.png"]), 1, out IReadOnlyList<int> values).Pixels);
        Assert.Equal([0, 1, 2], values);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 0.3)]
    [InlineData(SKEncodedImageFormat.Png, 0.95)]
    [InlineData(SKEncodedImageFormat.Jpeg, 0.3)]
    [InlineData(SKEncodedImageFormat.Jpeg, 0.95)]
    public void A_picture_cut_short_is_refused_by_name(SKEncodedImageFormat format, double kept)
    {
        byte[] whole = Encoded(Noise(64, 64), format);
        string path = folder["cut." + format];
        File.WriteAllBytes(path, whole[..(int)(whole.Length * kept)]);
        string message = Assert.Throws<InvalidDataException>(() => ImageFile.Read(path)).Message;
        Assert.Equal($"{path}: The image is cut short. Copy or download it again, or save it as PNG, JPEG or BMP.", message);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    public void Wherever_a_file_is_cut_it_is_refused_or_all_pixels_are_there(SKEncodedImageFormat format)
    {
        byte[] whole = Encoded(Noise(24, 24), format);
        string path = folder["cut"];
        File.WriteAllBytes(path, whole);
        float[] pixels = ImageFile.Read(path).Pixels;
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            try
            {
                Assert.Equal(pixels, ImageFile.Read(path).Pixels);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, whole.Length - 20, whole.Length);
    }

    [Fact]
    public void A_16_bit_picture_cut_short_or_damaged_is_refused()
    {
        string path = folder["a.png"];
        var random = new Random(1);
        TestPng.Write(path, 32, 16, TestPng.Gray, [.. Enumerable.Range(0, 32).Select(_ => Enumerable.Range(0, 64).Select(_ => (byte)random.Next(256)).ToArray())]);
        byte[] whole = File.ReadAllBytes(path);

        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => ImageFile.Read(path)).Message);

        whole[whole.Length / 2] ^= 0x55;
        File.WriteAllBytes(path, whole);
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => ImageFile.Read(path)).Message);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("no picture at all", "This is not a readable PNG, JPEG or BMP image.")]
    public void What_is_no_picture_is_refused_by_name(string content, string problem)
    {
        string path = folder["a.png"];
        File.WriteAllText(path, content);
        Assert.StartsWith($"{path}: {problem}", Assert.Throws<InvalidDataException>(() => ImageFile.Read(path)).Message);
    }

    private static byte[] BigEndian(ushort value) => [(byte)(value >> 8), (byte)value];

    private static GrayImage Ramp(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, width * height).Select(i => (i % width) / (float)(width - 1))]);

    private static GrayImage Noise(int width, int height)
    {
        var random = new Random(1);
        return new GrayImage(width, height, [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())]);
    }

    private static byte[] Encoded(GrayImage image, SKEncodedImageFormat format)
    {
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        using SKImage picture = SKImage.FromPixelCopy(info, Array.ConvertAll(image.Pixels, v => (byte)(v * 255)));
        using SKData data = picture.Encode(format, 95);
        return data.ToArray();
    }

    /// <summary>A 24-bit BMP; rows from top to bottom, each blue, green, red.</summary>
    private static void WriteBmp(string path, int width, byte[][] rows)
    {
        int stride = ((width * 3) + 3) / 4 * 4;
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("BM"u8);
        writer.Write(54 + (stride * rows.Length));
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(width);
        writer.Write(rows.Length);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        foreach (byte[] row in rows.Reverse())
        {
            writer.Write(row);
            writer.Write(new byte[stride - row.Length]);
        }
    }
}
