using C2FVL.Data;
using C2FVL.Tests.Support;
using SkiaSharp;

namespace C2FVL.Tests.Data;

/// <summary>What a mask file means: labels, soft edges, JPEG, colours, palettes, transparency.</summary>
public sealed class MaskMeaningTests : IDisposable
{
    private const int Side = 40;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 2, 0, "0 on 1,480 pixels, 1 on 100, 2 on 20")]
    [InlineData(3, 7, 0, "0 on 1,480 pixels, 3 on 100, 7 on 20")]
    [InlineData(128, 255, 0, "0 on 1,480 pixels, 128 on 100, 255 on 20")]
    [InlineData(85, 200, 5, "5 on 1,480 pixels, 85 on 100, 200 on 20")]
    [InlineData(200, 201, 0, "0 on 1,480 pixels, 200 on 100, 201 on 20")]
    public void Several_labels_are_an_error_that_lists_them_and_a_chosen_one_is_read(byte lung, byte lesion, byte background, string listed)
    {
        byte[] levels = Squares(lung, lesion, background);
        Gray(levels);

        string message = Error();

        Assert.StartsWith($"{Path}: It contains several labels: {listed}. ", message);
        Assert.Contains($"--lesion-label {lesion}", message);
        Assert.Equal(20, ImageFile.ReadMask(Path, lesion).Area);
        Assert.Equal(100, ImageFile.ReadMask(Path, lung).Area);
    }

    [Fact]
    public void A_thin_ring_of_a_small_label_is_no_soft_edge()
    {
        Gray(Disc(1, rim: 1, label: 2));
        Assert.Contains("several labels", Error());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_rim_of_one_or_two_pixels_is_a_soft_edge(int rim)
    {
        Gray(Disc(128, rim, 255));
        Assert.Equal(Disc(255, rim, 255).Count(v => v == 255), ImageFile.ReadMask(Path).Area); // 128 is above half of 255
        Gray(Disc(100, rim, 255));
        Assert.Equal(Disc(0, rim, 255).Count(v => v == 255), ImageFile.ReadMask(Path).Area);
    }

    [Fact]
    public void A_wider_rim_is_a_label()
    {
        Gray(Disc(128, rim: 4, 255));
        Assert.Contains("0 on", Error());
    }

    [Fact]
    public void A_smooth_shrinking_keeps_thin_lesions()
    {
        // A line of one pixel between two, as resizing leaves it: never as bright as the disc's middle.
        byte[] levels = Disc(130, rim: 1, 255);
        for (int i = 0; i < 20; i++)
            levels[(2 * Side) + 5 + i] = (byte)(90 + (5 * i));
        Gray(levels);
        int above = levels.Count(v => v > 127);
        Assert.Equal(above, ImageFile.ReadMask(Path).Area);
    }

    [Fact]
    public void A_photograph_is_no_mask()
    {
        byte[] levels = [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i * 37 % 256))];
        Gray(levels);
        Assert.Contains("It contains several labels", Error());
    }

    [Theory]
    [InlineData(75)]
    [InlineData(90)]
    public void A_JPEG_mask_of_0_and_255_is_read_and_one_of_0_and_1_refused(int quality)
    {
        byte[] disc = Disc(0, rim: 1, 255);
        Jpeg(disc, quality);
        Assert.InRange(ImageFile.ReadMask(Path).Area, disc.Count(v => v == 255) - 8, disc.Count(v => v == 255) + 8);
        Assert.Contains("JPEG", Assert.Throws<InvalidDataException>(() => ImageFile.ReadMask(Path, 255)).Message);

        Jpeg(Array.ConvertAll(disc, v => v == 255 ? (byte)3 : (byte)0), quality);
        Assert.Contains("JPEG changes values, so its labels are not reliable. Save the original mask as PNG.", Error());
    }

    [Fact]
    public void JPEG_labels_are_refused()
    {
        Jpeg(Squares(110, 255, 0), 90);
        Assert.Contains("several labels", Error());
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 0, 4)]
    [InlineData(200, 30, 60)]
    public void A_colour_on_black_is_lesion_however_dark(byte red, byte green, byte blue)
    {
        Rgb([0, 0, 0], [red, green, blue]);
        Assert.Equal(Disc(0, 0, 255).Count(v => v == 255), ImageFile.ReadMask(Path).Area);
    }

    [Fact]
    public void Two_colours_are_two_labels()
    {
        TestPng.Write(Path, Side, 8, TestPng.Rgb, Rows(Squares(1, 2, 0), v => v switch { 1 => [255, 0, 0], 2 => [0, 255, 0], _ => [0, 0, 0] }));
        Assert.Contains("16711680 (colour 255, 0, 0) on 100", Error());
        Assert.Equal(20, ImageFile.ReadMask(Path, 0x00ff00).Area);
    }

    [Fact]
    public void Red_on_white_has_no_background_that_is_sure()
    {
        Rgb([255, 255, 255], [255, 0, 0]);
        Assert.Contains("several labels", Error());
    }

    [Theory]
    [InlineData(0, 0, 0, 255, 0, 0, 0, 0)]
    [InlineData(255, 255, 255, 255, 255, 255, 255, 0)]
    [InlineData(0, 0, 0, 255, 255, 255, 255, 0)]
    [InlineData(255, 0, 0, 255, 0, 0, 0, 0)]
    [InlineData(255, 255, 255, 255, 0, 0, 0, 255)]
    [InlineData(255, 255, 255, 0, 0, 0, 0, 0)]
    public void Opacity_tells_the_lesion_where_colour_does_not(byte r1, byte g1, byte b1, byte a1, byte r0, byte g0, byte b0, byte a0)
    {
        byte[] disc = Disc(0, 0, 255);
        TestPng.Write(Path, Side, 8, TestPng.Rgba, Rows(disc, v => v == 255 ? [r1, g1, b1, a1] : [r0, g0, b0, a0]));
        Assert.Equal(disc.Count(v => v == 255), ImageFile.ReadMask(Path).Area);
    }

    [Theory]
    [InlineData(8, new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(8, new byte[] { 9, 9, 9, 9, 9, 9 })]
    [InlineData(8, new byte[] { 0, 0, 0, 128, 0, 0 })]
    [InlineData(8, new byte[] { 0, 0, 0, 1, 0, 0 })]
    [InlineData(1, new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(1, new byte[] { 0, 0, 0, 255, 255, 255 })]
    public void A_palette_tells_by_its_colours_or_its_numbers(byte bits, byte[] palette)
    {
        byte[] disc = Disc(0, 0, 1);
        byte[][] rows = [.. disc.Chunk(Side).Select(row => bits == 8 ? row : [.. row.Chunk(8).Select(eight => (byte)eight.Select((v, i) => v << (7 - i)).Sum())])];
        TestPng.Write(Path, Side, bits, TestPng.Palette, rows, ("PLTE", palette));
        Assert.Equal(disc.Sum(v => v), ImageFile.ReadMask(Path).Area);
    }

    /// <summary>A palette shorter than its numbers, and one with more opacities than colours.</summary>
    [Theory]
    [InlineData(new byte[] { 0, 0, 0 }, new byte[] { 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0 }, new byte[] { 255, 255, 255, 255, 255 })]
    public void A_palettes_numbers_are_read_whatever_its_length(byte[] palette, byte[] opacity)
    {
        byte[] disc = Disc(0, 0, 1);
        TestPng.Write(Path, Side, 8, TestPng.Palette, [.. disc.Chunk(Side)], ("PLTE", palette), ("tRNS", opacity));
        Assert.Equal(disc.Sum(v => v), ImageFile.ReadMask(Path).Area);
    }

    [Fact]
    public void A_palette_of_several_colours_lists_its_numbers()
    {
        TestPng.Write(Path, Side, 8, TestPng.Palette, [.. Squares(1, 2, 0).Chunk(Side)], ("PLTE", [0, 0, 0, 128, 0, 0, 0, 128, 0]));
        Assert.Contains("0 on 1,480 pixels, 1 on 100, 2 on 20", Error());
        Assert.Equal(20, ImageFile.ReadMask(Path, 2).Area);
    }

    [Fact]
    public void Sixteen_bit_opacity_tells_the_lesion()
    {
        byte[] disc = Disc(0, 0, 255);
        TestPng.Write(Path, Side, 16, TestPng.GrayAlpha, Rows(disc, v => [0, 0, v, v]));
        Assert.Equal(disc.Count(v => v == 255), ImageFile.ReadMask(Path).Area);
    }

    private string Path => folder["m.png"];

    /// <summary>A square of 120 pixels of which the lower 20 are the lesion.</summary>
    private static byte[] Squares(byte lung, byte lesion, byte background)
    {
        var levels = new byte[Side * Side];
        Array.Fill(levels, background);
        for (int row = 5; row < 17; row++)
            Array.Fill(levels, row < 15 ? lung : lesion, (row * Side) + 5, 10);
        return levels;
    }

    /// <summary>A disc of radius 12 whose outer pixels have another value.</summary>
    private static byte[] Disc(byte edge, int rim, byte label) =>
        [.. Enumerable.Range(0, Side * Side).Select(i => Math.Sqrt(Math.Pow((i / Side) - 20, 2) + Math.Pow((i % Side) - 20, 2)))
            .Select(distance => distance <= 12 - rim ? label : distance <= 12 && rim > 0 ? edge : (byte)0)];

    private static byte[][] Rows(byte[] levels, Func<byte, byte[]> pixel) => [.. levels.Chunk(Side).Select(row => row.SelectMany(pixel).ToArray())];

    private string Error() => Assert.Throws<InvalidDataException>(() => ImageFile.ReadMask(Path)).Message;

    private void Gray(byte[] levels) => TestPng.Write(Path, Side, 8, TestPng.Gray, [.. levels.Chunk(Side)]);

    private void Rgb(byte[] background, byte[] lesion) =>
        TestPng.Write(Path, Side, 8, TestPng.Rgb, Rows(Disc(0, 0, 255), v => v == 255 ? lesion : background));

    private void Jpeg(byte[] levels, int quality)
    {
        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque), levels);
        using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, quality);
        File.WriteAllBytes(Path, data.ToArray());
    }
}
