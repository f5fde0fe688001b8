using C2FVL.Data;
using C2FVL.Tests.Support;
using SkiaSharp;

namespace C2FVL.Tests.Data;

/// <summary>The orientation that a file tells is applied to image and mask.</summary>
public sealed class ImageOrientationTests : IDisposable
{
    private static readonly float[] Stored = [0, 0.2f, 0.4f, 0.6f, 0.8f, 1]; // 3 x 2: 0 1 2 / 3 4 5

    private readonly TemporaryFolder folder = new();

    public static TheoryData<int, int, int[]> Orientations => new()
    {
        { 1, 3, [0, 1, 2, 3, 4, 5] },
        { 2, 3, [2, 1, 0, 5, 4, 3] },
        { 3, 3, [5, 4, 3, 2, 1, 0] },
        { 4, 3, [3, 4, 5, 0, 1, 2] },
        { 5, 2, [0, 3, 1, 4, 2, 5] },
        { 6, 2, [3, 0, 4, 1, 5, 2] },
        { 7, 2, [5, 2, 4, 1, 3, 0] },
        { 8, 2, [2, 5, 1, 4, 0, 3] },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Every_orientation_stands_upright(int orientation, int width, int[] order)
    {
        GrayImage upright = new GrayImage(3, 2, Stored).Upright((ImageOrientation)orientation);
        Assert.Equal(width, upright.Width);
        Assert.Equal(order.Select(i => Stored[i]), upright.Pixels);
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_PNG_tells_it_by_eXIf_for_images_and_masks(int orientation, int width, int[] order)
    {
        byte[] levels = [0, 0, 255, 0, 255, 255];
        string path = folder["a.png"];
        TestPng.Write(path, 3, 8, TestPng.Gray, [levels[..3], levels[3..]], ("eXIf", Exif(orientation)));

        Assert.Equal(order.Select(i => levels[i] / 255f), ImageFile.Read(path).Pixels);
        Assert.Equal(order.Select(i => levels[i] == 255 ? (byte)1 : (byte)0), ImageFile.ReadMask(path).Pixels);
        Assert.Equal((width, 6 / width), (ImageFile.Read(path).Width, ImageFile.Read(path).Height));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_16_bit_PNG_tells_it_too(int orientation, int width, int[] order)
    {
        string path = folder["a.png"];
        TestPng.Write(path, 3, 16, TestPng.Gray, [[0, 0, 0, 1, 0, 2], [0, 3, 0, 4, 0, 5]], ("eXIf", Exif(orientation)));

        GrayImage image = ImageFile.Read(path);

        Assert.Equal(width, image.Width);
        Assert.Equal(order.Select(i => i / 65535f), image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_JPEG_tells_it_by_EXIF(int orientation, int width, int[] order)
    {
        // 24 x 16: blocks of 8 x 8 keep their values.
        var levels = new byte[24 * 16];
        for (int i = 0; i < levels.Length; i++)
            levels[i] = (byte)(40 * ((3 * (i / 24 / 8)) + (i % 24 / 8)));
        using SKImage picture = SKImage.FromPixelCopy(new SKImageInfo(24, 16, SKColorType.Gray8, SKAlphaType.Opaque), levels);
        using SKData data = picture.Encode(SKEncodedImageFormat.Jpeg, 100);
        byte[] jpeg = data.ToArray(), exif = [.. "Exif\0\0"u8, .. Exif(orientation)];
        string path = folder["a.jpg"];
        File.WriteAllBytes(path, [.. jpeg[..2], 0xff, 0xe1, (byte)((exif.Length + 2) >> 8), (byte)(exif.Length + 2), .. exif, .. jpeg[2..]]);

        GrayImage image = ImageFile.Read(path);

        Assert.Equal(8 * width, image.Width);
        for (int i = 0; i < 6; i++)
            Assert.Equal(40 * order[i] / 255f, image[(i / width * 8) + 4, (i % width * 8) + 4], 0.02f);
    }

    /// <summary>A TIFF block with the one entry Orientation.</summary>
    private static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
}
