using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Tests.Data;

public sealed class NnUNetAugmentationTests
{
    [Fact]
    public void AQuarterTurnAndTheFlipsAreExact()
    {
        var image = new GrayImage(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Close([1, 2, 3, 4, 5, 6, 7, 8, 9], Move(0, 1, false, false));
        Close([3, 2, 1, 6, 5, 4, 9, 8, 7], Move(0, 1, true, false));
        Close([7, 8, 9, 4, 5, 6, 1, 2, 3], Move(0, 1, false, true));
        Close([3, 6, 9, 2, 5, 8, 1, 4, 7], Move(90, 1, false, false));

        void Close(float[] expected, AugmentationMove move) =>
            Assert.All(expected.Zip(move.Apply(image).Pixels), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void AScaleAboveOneShrinksTheContentAndFillsWithTheImagesMean()
    {
        var mask = new BinaryMask(40, 40);
        for (int row = 10; row < 30; row++)
        {
            for (int column = 10; column < 30; column++)
                mask[row, column] = true;
        }

        Assert.InRange(Move(0, 1.25, false, false).Apply(mask).Area, 15 * 15, 17 * 17); // a side of 20 / 1.25
        Assert.InRange(Move(0, 0.8, false, false).Apply(mask).Area, 24 * 24, 26 * 26);

        var image = new GrayImage(40, 40, [.. Enumerable.Range(0, 1600).Select(i => i % 40 < 20 ? 0f : 1f)]);
        Assert.Equal(0.5f, Move(0, 1.4, false, false).Apply(image)[0, 0], 1e-6f);
    }

    [Fact]
    public void ImageAndMaskMoveTogether()
    {
        var mask = new BinaryMask(32, 32);
        for (int row = 5; row < 14; row++)
        {
            for (int column = 18; column < 27; column++)
                mask[row, column] = true;
        }

        var image = new GrayImage(32, 32, [.. mask.Pixels.Select(p => (float)p)]);
        var move = Move(37, 0.9, true, false);
        GrayImage movedImage = move.Apply(image);
        BinaryMask movedMask = move.Apply(mask);
        Assert.InRange(movedMask.Area, 80, 130);
        for (int pixel = 0; pixel < movedMask.Pixels.Length; pixel++)
            Assert.True(movedMask.Pixels[pixel] == (movedImage.Pixels[pixel] >= 0.5f ? 1 : 0));
    }

    [Fact]
    public void TheMovesAreDrawnWithTheirChancesAndRanges()
    {
        AugmentationMove[] moves = [.. Enumerable.Range(0, 4000).Select(i => AugmentationMove.Draw(Augmentation.NnUNet, Seeds.Random(1, "move", i)))];
        Assert.InRange(moves.Count(move => move.Degrees != 0) / 4000.0, 0.17, 0.23);
        Assert.InRange(moves.Count(move => move.Scale != 1) / 4000.0, 0.17, 0.23);
        Assert.InRange(moves.Count(move => move.FlipsVertical) / 4000.0, 0.46, 0.54);
        Assert.InRange(moves.Min(move => move.Scale), 0.7, 0.72);
        Assert.InRange(moves.Max(move => move.Scale), 1.38, 1.4);
        Assert.True(moves.Min(move => move.Degrees) < -150 && moves.Max(move => move.Degrees) > 150);
    }

    [Fact]
    public void AsAnAugmentationItLeavesTheReportAndFollowsTheSeed()
    {
        var report = new LesionReport(false, 1, Zones.LeftLower);
        var item = new Case("a", "a.png", null, report, null, ImageKind.XRay);
        var image = new GrayImage(16, 16, [.. Enumerable.Range(0, 256).Select(i => i / 256f)]);
        var sample = new Sample(item, image, new BinaryMask(16, 16), report);
        Sample[] moved = [.. Enumerable.Range(0, 8).Select(epoch => Augmentation.NnUNet.Apply(sample, 666, "augment", epoch, "a"))];
        Assert.All(moved, one => Assert.Equal(report, one.Report));
        Assert.Contains(moved, one => !one.Image.Pixels.SequenceEqual(image.Pixels));
        Assert.Equal(moved[3].Image.Pixels, Augmentation.NnUNet.Apply(sample, 666, "augment", 3, "a").Image.Pixels);
    }

    private static AugmentationMove Move(double degrees, double scale, bool columns, bool rows) =>
        new(0, columns, rows, degrees, scale, IsNnUNets: true);
}
