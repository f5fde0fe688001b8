using C2FVL.Workbook.Checks;

namespace C2FVL.Tests.Workbook.Checks;

public class DistributionTests
{
    [Fact]
    public void One_to_a_hundred_has_the_percentiles_one_expects()
    {
        Distribution of = Distribution.From(Enumerable.Range(1, 100).Reverse().Select(n => (double)n))!;
        Assert.Equal(100, of.Count);
        Assert.Equal(50.5, of.Mean, 12);
        Assert.Equal(Math.Sqrt(((100.0 * 100) - 1) / 12), of.Deviation, 12);
        Assert.Equal(
            [1, 5, 25, 50, 75, 95, 100],
            [of.Least, of.Percentile5, of.Percentile25, of.Median, of.Percentile75, of.Percentile95, of.Greatest]);
    }

    [Fact]
    public void A_histogram_gives_the_same_as_its_numbers()
    {
        double[] numbers = [0, 0, 0.5, 0.5, 0.5, 1];
        Assert.Equal(Distribution.From(numbers), Distribution.FromHistogram([2, 3, 1]));
    }

    [Fact]
    public void Nothing_has_no_distribution()
    {
        Assert.Null(Distribution.From([]));
        Assert.Null(Distribution.FromHistogram(new long[4]));
    }
}
