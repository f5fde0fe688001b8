using C2FVL.Data;
using CsCheck;

namespace C2FVL.Tests.Data;

public sealed class PictureGeometryTests
{
    private static readonly Gen<GrayImage> Images =
        from width in Gen.Int[1, 9]
        from height in Gen.Int[1, 9]
        from pixels in Gen.Float[0, 1].Array[width * height]
        select new GrayImage(width, height, pixels);

    [Fact]
    public void MirroringTwiceIsTheImage() => Images.Sample(i => Same(i, i.FlipHorizontal().FlipHorizontal()));

    [Fact]
    public void FlippingTwiceIsTheImage() => Images.Sample(i => Same(i, i.FlipVertical().FlipVertical()));

    [Fact]
    public void FourQuarterTurnsAreTheImage() =>
        Images.Sample(i => Same(i, i.Rotate90(1).Rotate90(1).Rotate90(1).Rotate90(1)));

    [Fact]
    public void QuarterTurnsAddUp() =>
        Gen.Select(Images, Gen.Int[-5, 5]).Sample((i, n) => Same(i.Rotate90(n + 1), i.Rotate90(n).Rotate90(1)));

    [Fact]
    public void HalfATurnIsBothFlips() => Images.Sample(i => Same(i.Rotate90(2), i.FlipHorizontal().FlipVertical()));

    [Fact]
    public void TheOperationsMoveThisImageAsWritten()
    {
        var image = new GrayImage(3, 2, [1, 2, 3, 4, 5, 6]);

        Assert.Equal([3f, 2, 1, 6, 5, 4], image.FlipHorizontal().Pixels);
        Assert.Equal([4f, 5, 6, 1, 2, 3], image.FlipVertical().Pixels);
        Assert.Equal([3f, 6, 2, 5, 1, 4], image.Rotate90(1).Pixels);
        Assert.Equal((2, 3), (image.Rotate90(1).Width, image.Rotate90(1).Height));
        Assert.Equal([1f, 2, 3, 4, 5, 6], image.Pixels);
    }

    [Fact]
    public void RotatingBy90DegreesIsAQuarterTurnOfASquare()
    {
        var image = new GrayImage(5, 5, [.. Enumerable.Range(0, 25).Select(i => i / 25f)]);

        float[] rotated = image.Rotate(90).Pixels, turned = image.Rotate90(1).Pixels;

        Assert.All(rotated.Zip(turned), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    /// <summary>Tracked results were made by this very arithmetic: places in 64 bits, mixed in 32.</summary>
    [Fact]
    public void ARotationMixesTheFourPixelsAroundItsSource() =>
        Gen.Select(Images, Gen.Int[-20, 19]).Sample((image, degrees) =>
        {
            GrayImage rotated = image.Rotate(degrees);
            double sine = Math.Sin(degrees * Math.PI / 180), cosine = Math.Cos(degrees * Math.PI / 180);
            double middleRow = (image.Height - 1) / 2.0, middleColumn = (image.Width - 1) / 2.0;
            for (int row = 0; row < image.Height; row++)
            {
                for (int column = 0; column < image.Width; column++)
                {
                    double y = row - middleRow, x = column - middleColumn;
                    double sourceRow = middleRow + (cosine * y) + (sine * x), sourceColumn = middleColumn + (cosine * x) - (sine * y);
                    int top = (int)Math.Floor(sourceRow), left = (int)Math.Floor(sourceColumn);
                    float down = (float)(sourceRow - top), along = (float)(sourceColumn - left);
                    float above = ((1 - along) * At(top, left)) + (along * At(top, left + 1));
                    float below = ((1 - along) * At(top + 1, left)) + (along * At(top + 1, left + 1));
                    Assert.Equal(((1 - down) * above) + (down * below), rotated[row, column]);
                }
            }

            float At(int row, int column) => row >= 0 && row < image.Height && column >= 0 && column < image.Width ? image[row, column] : 0;
        }, iter: 50);

    [Fact]
    public void ARotationFillsWhatComesFromOutsideWithZero()
    {
        var image = new GrayImage(11, 11, [.. Enumerable.Repeat(1f, 121)]);

        GrayImage rotated = image.Rotate(20);

        Assert.Equal(0, rotated[0, 0]);
        Assert.Equal(1, rotated[5, 5], 1e-6f);
    }

    [Fact]
    public void MasksMoveAsImagesDo() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[-4, 4], Gen.Int[0, int.MaxValue]).Sample((width, height, turns, seed) =>
        {
            var pixels = new byte[width * height];
            new Random(seed).NextBytes(pixels);
            var mask = new BinaryMask(width, height, [.. pixels.Select(p => (byte)(p & 1))]);
            GrayImage image = AsImage(mask);
            return Same(AsImage(mask.FlipHorizontal()), image.FlipHorizontal())
                && Same(AsImage(mask.FlipVertical()), image.FlipVertical())
                && Same(AsImage(mask.Rotate90(turns)), image.Rotate90(turns));
        });

    [Fact]
    public void AMaskRotatesWithItsImage()
    {
        // A disc off the centre: the linear image and the nearest mask may differ only in the disc's rim.
        var mask = new BinaryMask(64, 64);
        for (int row = 0; row < 64; row++)
        {
            for (int column = 0; column < 64; column++)
                mask[row, column] = ((row - 40) * (row - 40)) + ((column - 18) * (column - 18)) <= 100;
        }

        BinaryMask rotated = mask.Rotate(17);
        GrayImage image = AsImage(mask).Rotate(17);

        int differing = image.Pixels.Zip(rotated.Pixels).Count(p => (p.First >= 0.5f) != (p.Second == 1));
        Assert.InRange(differing, 0, 20);
        Assert.InRange(rotated.Area, mask.Area - 10, mask.Area + 10);
    }

    internal static GrayImage AsImage(BinaryMask mask) => new(mask.Width, mask.Height, [.. mask.Pixels.Select(p => (float)p)]);

    private static bool Same(GrayImage a, GrayImage b) =>
        a.Width == b.Width && a.Height == b.Height && a.Pixels.AsSpan().SequenceEqual(b.Pixels);
}
