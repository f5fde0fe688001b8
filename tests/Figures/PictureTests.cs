using C2FVL.Data;
using C2FVL.Figures;
using SkiaSharp;
using TorchSharp;

namespace C2FVL.Tests.Figures;

public sealed class PictureTests
{
    [Fact]
    public void GreyIsThreeEqualChannels()
    {
        Picture picture = Picture.Of(new GrayImage(2, 1, [0, 1]));

        Assert.Equal([0, 0, 0, 255, 255, 255], picture.Rgb.ToArray());
    }

    [Fact]
    public void CompareGivesEachKindOfPixelItsColour()
    {
        var black = new GrayImage(4, 1);
        Picture picture = Overlay.Compare(black, new BinaryMask(4, 1, [1, 1, 0, 0]), new BinaryMask(4, 1, [1, 0, 1, 0]));

        SKColor[] pixels = [.. picture.Rgb.ToArray().Chunk(3).Select(p => new SKColor(p[0], p[1], p[2]))];
        Assert.Equal(Dim(Palette.TruePositive), pixels[0]);
        Assert.Equal(Dim(Palette.FalsePositive), pixels[1]);
        Assert.Equal(Dim(Palette.FalseNegative), pixels[2]);
        Assert.Equal(SKColors.Black, pixels[3]);
        Assert.Equal(3, Overlay.CompareLegend.Select(item => item.Color).Distinct().Count());
    }

    [Fact]
    public void HeatOfAnotherSizeStretches()
    {
        Picture picture = Picture.Of(new GrayImage(4, 4)).WithHeat(new GrayImage(2, 2, [0, 1, 0, 1]), ColorMap.Viridis, 1);

        byte[] rgb = picture.Rgb.ToArray();
        SKColor end = ColorMap.Viridis.At(1);
        Assert.Equal([end.Red, end.Green, end.Blue], rgb[9..12]);
        Assert.Equal(rgb[9..12], rgb[45..48]);
        Assert.NotEqual(rgb[0..3], rgb[3..6]);
    }

    [Fact]
    public void AMapIsStretchedToTheWholeColourMap()
    {
        using torch.Tensor map = torch.tensor(new[,] { { -3.0, 5.0 }, { 1.0, 1.0 } });

        byte[] rgb = Picture.Of(map).Rgb.ToArray();

        foreach ((int pixel, double value) in new[] { (0, 0.0), (1, 1.0), (2, 0.5) })
        {
            SKColor color = ColorMap.Viridis.At(value);
            Assert.Equal([color.Red, color.Green, color.Blue], rgb[(3 * pixel)..(3 * (pixel + 1))]);
        }

        Assert.Throws<ArgumentException>(() => Picture.Of(torch.zeros(1, 2, 2)));
    }

    [Fact]
    public void MasksOfAnotherSizeAreRefused() =>
        Assert.Throws<ArgumentException>(() => Picture.Of(new GrayImage(2, 2)).WithFill(new BinaryMask(3, 3), Palette.Truth));

    [Fact]
    public void ColourMapsGrowBrighterAllTheWay()
    {
        foreach (ColorMap map in new[] { ColorMap.Viridis, ColorMap.Inferno })
        {
            double[] light = [.. Enumerable.Range(0, 11).Select(i => map.At(i / 10.0)).Select(c => (0.2126 * c.Red) + (0.7152 * c.Green) + (0.0722 * c.Blue))];
            Assert.Equal(light.Order(), light);
        }

        Assert.Equal(ColorMap.Viridis.At(0), ColorMap.Viridis.At(double.NaN));
        Assert.Equal(ColorMap.Viridis.At(1), ColorMap.Viridis.At(7));
    }

    [Fact]
    public void SmallPicturesKeepTheirPixels()
    {
        PictureGrid grid = new("Mask") { Rows = [[Picture.Of(new BinaryMask(2, 1, [0, 1]))]], TileWidth = 100 };

        using SKBitmap bitmap = SKBitmap.Decode(grid.ToPng(1));
        int row = bitmap.Height - 10 - 25;
        Assert.Equal(SKColors.Black, bitmap.GetPixel(10 + 48, row));
        Assert.Equal(SKColors.White, bitmap.GetPixel(10 + 52, row));
    }

    [Fact]
    public void ANaNHasNoColour()
    {
        var image = new GrayImage(2, 2, [0, float.NaN, 1, float.PositiveInfinity]);
        Action[] draw =
        [
            () => Picture.Of(image),
            () => Picture.Of(image, ColorMap.Viridis),
            () => Picture.Of(TorchSharp.torch.tensor(image.Pixels).reshape(2, 2)),
            () => Picture.Of(new GrayImage(2, 2)).WithHeat(image, ColorMap.Viridis),
        ];
        Assert.All(draw, act => Assert.Equal(
            "2 of 4 values are NaN or infinite and have no colour. Find out where they come from.",
            Assert.Throws<ArgumentException>(act).Message));
    }

    [Fact]
    public void AnOutlineRunsRoundTheMaskAndAnEmptyMaskHasNone()
    {
        Picture black = Picture.Of(new GrayImage(20, 20));
        var square = new BinaryMask(20, 20);
        for (int row = 5; row < 15; row++)
            Array.Fill(square.Pixels, (byte)1, (row * 20) + 5, 10);
        using SKBitmap outlined = SKBitmap.Decode(black.WithOutline(square, SKColors.White).ToPng());
        Assert.True(outlined.GetPixel(5, 10).Red > 60 && outlined.GetPixel(10, 14).Red > 60 && outlined.GetPixel(5, 5).Red > 60);
        Assert.Equal((0, 0), (outlined.GetPixel(10, 10).Red, outlined.GetPixel(1, 1).Red));
        Assert.Equal(black.ToPng(), black.WithOutline(new BinaryMask(20, 20), SKColors.White).ToPng());
    }

    [Fact]
    public void AGridWithoutPicturesSaysSo() =>
        Assert.Throws<InvalidOperationException>(() => new PictureGrid("Nothing").ToPng());

    private static SKColor Dim(SKColor color) => new((byte)Math.Round(color.Red * 0.6), (byte)Math.Round(color.Green * 0.6), (byte)Math.Round(color.Blue * 0.6));
}
