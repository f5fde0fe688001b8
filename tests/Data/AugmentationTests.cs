using C2FVL.Data;
using C2FVL.Platform;
using CsCheck;

namespace C2FVL.Tests.Data;

public sealed class AugmentationTests
{
    private const int Side = 24;

    private static readonly LesionReport Report = new(false, 1, Zones.LeftUpper);

    /// <summary>A lesion somewhere within one cell of the grid of two sides and three heights.</summary>
    private static readonly Gen<BinaryMask> Blobs = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 9], (cell, down, along) =>
    {
        var mask = new BinaryMask(Side, Side);
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 3; column++)
                mask[(cell % 3 * 8) + down + row, (cell / 3 * 12) + along + column] = true;
        }

        return mask;
    });

    [Fact]
    public void EveryMoveThatKeepsTheGridMovesTheReportAsTheLesion() =>
        Gen.Select(Blobs, Gen.Int[0, 1], Gen.Bool, Gen.Bool).Sample((mask, halfTurns, mirrors, flips) =>
        {
            var move = new AugmentationMove(2 * halfTurns, mirrors, flips);
            return move.Apply(new LesionReport(false, 1, ZonesOf(mask))).Zones == ZonesOf(move.Apply(mask));
        });

    [Fact]
    public void TextConsistentReportsStayTrueWhateverFlipIsDrawn() =>
        Gen.Select(Blobs, Gen.Int[0, 100_000]).Sample((mask, seed) =>
        {
            if (AugmentationMove.Draw(Augmentation.TextConsistent, Seeds.Random(seed, "augment")).Degrees != 0)
                return true; // A rotation keeps zones only about.
            Sample moved = Augmentation.TextConsistent.Apply(SampleOf(mask, new LesionReport(false, 1, ZonesOf(mask))), seed, "augment");
            return moved.Report!.Zones == ZonesOf(moved.Mask);
        });

    [Fact]
    public void AReportMovedAndMovedBackIsTheReport() =>
        Gen.Select(ReportGeometryTests.Reports, Gen.Int[0, 1], Gen.Bool, Gen.Bool).Sample((report, halfTurns, mirrors, flips) =>
        {
            var move = new AugmentationMove(2 * halfTurns, mirrors, flips);
            return move.Apply(move.Apply(report)) == report;
        });

    [Theory]
    [InlineData(Augmentation.TextConsistent)]
    [InlineData(Augmentation.TextBlind)]
    public void ImageAndMaskMoveTogether(Augmentation augmentation) =>
        Gen.Select(Blobs, Gen.Int[0, 100_000]).Sample((mask, seed) =>
        {
            Sample moved = augmentation.Apply(SampleOf(mask, Report), seed);
            if (AugmentationMove.Draw(augmentation, Seeds.Random(seed)).Degrees == 0)
                return moved.Image.Pixels.SequenceEqual(moved.Mask.Pixels.Select(p => (float)p));
            // Rotated, each takes its own neighbours: the nearest one is among the image's four.
            return moved.Image.Pixels.Zip(moved.Mask.Pixels).All(p => p.Second == 0 || p.First >= 0.25f - 1e-3f);
        });

    [Fact]
    public void TextConsistentDrawsOnlyMovesThatKeepZones() =>
        Assert.All(Draws(Augmentation.TextConsistent), move => Assert.True(move.KeepsZones, move.ToString()));

    [Fact]
    public void TextBlindDrawsEveryQuarterTurnAndLeavesTheReport()
    {
        Assert.Equal([0, 1, 2, 3], Draws(Augmentation.TextBlind).Select(m => m.Rotations90).Distinct().Order());
        Assert.All(Enumerable.Range(0, 50), seed =>
            Assert.Equal(Report, Augmentation.TextBlind.Apply(SampleOf(new BinaryMask(Side, Side), Report), seed).Report));
    }

    [Theory]
    [InlineData(Augmentation.TextConsistent)]
    [InlineData(Augmentation.TextBlind)]
    public void HalfOfTheMovesFlipAndAQuarterRotates(Augmentation augmentation)
    {
        AugmentationMove[] draws = Draws(augmentation);

        Assert.Equal(0.5, draws.Count(m => m.FlipsHorizontal ^ m.FlipsVertical) / (double)draws.Length, 0.05);
        Assert.Equal(0.25, draws.Count(m => m.Degrees != 0) / (double)draws.Length, 0.05);
        Assert.All(draws, m => Assert.InRange(m.Degrees, -20, 19));
        Assert.All(draws, m => Assert.False(m.Degrees != 0 && (m.FlipsHorizontal || m.FlipsVertical || m.Rotations90 != 0)));
    }

    [Fact]
    public void AQuarterTurnHasNoReport()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new AugmentationMove(1).Apply(Report));
        Assert.Contains("left and right are no longer sides", error.Message);
    }

    [Fact]
    public void AMissingReportStaysMissing() =>
        Assert.All(Enumerable.Range(0, 20), seed => Assert.Null(Augmentation.TextConsistent.Apply(SampleOf(new BinaryMask(Side, Side), null), seed).Report));

    [Fact]
    public void NoneGivesTheSampleItself()
    {
        Sample sample = SampleOf(new BinaryMask(Side, Side), Report);
        Assert.Same(sample, Augmentation.None.Apply(sample, 1));
    }

    private static AugmentationMove[] Draws(Augmentation augmentation) =>
        [.. Enumerable.Range(0, 2000).Select(i => AugmentationMove.Draw(augmentation, Seeds.Random(666, i)))];

    private static Sample SampleOf(BinaryMask mask, LesionReport? report) =>
        new(new Case("a", "a.png", "a_mask.png", report, null, ImageKind.XRay), PictureGeometryTests.AsImage(mask), mask, report);

    private static Zones ZonesOf(BinaryMask mask)
    {
        var zones = Zones.None;
        for (int row = 0; row < mask.Height; row++)
        {
            for (int column = 0; column < mask.Width; column++)
            {
                if (mask[row, column])
                    zones |= (Zones)(1 << ((row * 3 / mask.Height) + (column * 2 / mask.Width * 3)));
            }
        }

        return zones;
    }
}
