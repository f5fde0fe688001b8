using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class HolmCorrectionTests
{
    [Fact]
    public void TheTextbookExample() =>
        // Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: the last, 0.04, may not fall below 0.06.
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void NothingExceedsOne() => Assert.Equal([1, 1, 1], HolmCorrection.Adjust([0.5, 0.9, 1]));

    [Fact]
    public void OneTestStaysAndNoneIsNone()
    {
        Assert.Equal([0.04], HolmCorrection.Adjust([0.04]));
        Assert.Empty(HolmCorrection.Adjust([]));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void OnlyPValuesAreTaken(double p)
    {
        var error = Assert.Throws<ArgumentException>(() => HolmCorrection.Adjust([0.5, p]));
        Assert.StartsWith("A p value must be from 0 to 1, not ", error.Message);
    }
}
