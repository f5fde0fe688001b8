using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class SeedSummaryTests
{
    [Fact]
    public void ThreeRunsAreWorkedByHand()
    {
        SeedSummary summary = SeedSummary.Of([0.70, 0.75, 0.80]);
        Assert.Equal(3, summary.Runs);
        Assert.Equal(0.75, summary.Mean, 14);
        Assert.Equal(0.05, summary.StandardDeviation, 14);
        Assert.Equal("0.750 ± 0.050 (3 runs)", summary.ToString());
        Assert.Equal("75.0 ± 5.0 (3 runs)", summary.ToPercent());
    }

    [Fact]
    public void OneRunHasNoDeviation()
    {
        SeedSummary summary = SeedSummary.Of([0.7]);
        Assert.Equal(double.NaN, summary.StandardDeviation);
        Assert.Equal("0.700", summary.ToString());
        Assert.Equal("70.0", summary.ToPercent());
    }

    [Fact]
    public void NoRunIsAnError() =>
        Assert.StartsWith("No run was given, so there is nothing to summarise.", Assert.Throws<ArgumentException>(() => SeedSummary.Of([])).Message);
}
