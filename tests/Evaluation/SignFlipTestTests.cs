using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class SignFlipTestTests
{
    [Fact]
    public void ThreeDifferencesAreEnumeratedByHand()
    {
        // Sums of +-1 +-2 +-3 reach 6 in two of the eight patterns; those of +-1 +-2 +-0.5 reach 2.5 in four.
        Assert.Equal(2.0 / 8, SignFlipTest.PValue([1, 2, 3], seed: 0));
        Assert.Equal(2.0 / 8, SignFlipTest.PValue([-1, -2, -3], seed: 0));
        Assert.Equal(4.0 / 8, SignFlipTest.PValue([1, 2, -0.5], seed: 0));
    }

    [Fact]
    public void DarwinsMaizeGivesFishersCount()
    {
        // Fisher counted 863 of the 2^15 patterns on each side for Darwin's 15 pairs of plants (eighths of an inch).
        double[] heights = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
        Assert.Equal(2 * 863 / 32768.0, SignFlipTest.PValue(heights, seed: 0), 15);
    }

    [Fact]
    public void RoundingDoesNotLoseTies() =>
        // In binary 0.1 + 0.2 is not 0.3, so the order of adding could part equal sums.
        Assert.Equal(2.0 / 8, SignFlipTest.PValue([0.3, 0.1, 0.2], seed: 0));

    [Fact]
    public void ZerosCountForNothing()
    {
        Assert.Equal(2.0 / 8, SignFlipTest.PValue([1, 0, 2, 0, 3], seed: 0));
        Assert.Equal(1, SignFlipTest.PValue([0, 0, 0], seed: 0));
    }

    [Fact]
    public void DrawnPatternsComeNearTheBinomial()
    {
        // 15 of 20 equal differences are positive: the two-sided sign test's p is 0.0414.
        double[] differences = [.. Enumerable.Range(0, 20).Select(i => i < 15 ? 1.0 : -1.0)];
        double p = SignFlipTest.PValue(differences, seed: 4);
        Assert.InRange(p, 0.0374, 0.0454);
        Assert.Equal(p, SignFlipTest.PValue(differences, seed: 4));
        Assert.NotEqual(p, SignFlipTest.PValue(differences, seed: 5));
    }

    [Fact]
    public void DrawnPatternsNeverGiveZero() =>
        Assert.Equal(1 / 20_000.0, SignFlipTest.PValue([.. Enumerable.Repeat(1.0, 200)], seed: 0));
}
