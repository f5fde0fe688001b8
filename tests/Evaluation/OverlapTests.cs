using C2FVL.Evaluation;
using CsCheck;

namespace C2FVL.Tests.Evaluation;

public sealed class OverlapTests
{
    [Fact]
    public void CountsGiveTheFourRatios()
    {
        // 30 of 40 predicted pixels are right, out of 60: Dice 60/100, IoU 30/70.
        var overlap = new Overlap(30, 40, 60);
        Assert.Equal(0.6, overlap.Dice, 15);
        Assert.Equal(3.0 / 7, overlap.IoU, 15);
        Assert.Equal(0.5, overlap.Sensitivity, 15);
        Assert.Equal(0.75, overlap.Precision, 15);
    }

    [Theory]
    [InlineData(0, 0, 1)] // nothing there, nothing found
    [InlineData(7, 0, 0)] // nothing there, something found
    [InlineData(0, 9, 0)] // something there, nothing found
    [InlineData(7, 9, 0)] // no pixel in common
    public void EmptyMasksScoreOneOrZeroInAllFour(long predicted, long truth, double expected)
    {
        var overlap = new Overlap(0, predicted, truth);
        Assert.Equal(expected, overlap.Dice);
        Assert.Equal(expected, overlap.IoU);
        Assert.Equal(expected, overlap.Sensitivity);
        Assert.Equal(expected, overlap.Precision);
    }

    [Fact]
    public void IoUFollowsFromDice() =>
        Gen.Select(Gen.Long[0, 1000], Gen.Long[0, 1000], Gen.Long[0, 1000])
            .Select((both, p, t) => new Overlap(both, both + p, both + t))
            .Sample(o => Math.Abs(o.IoU - (o.Dice / (2 - o.Dice))) < 1e-14);
}
