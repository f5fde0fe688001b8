using C2FVL.Data;

namespace C2FVL.Tests.Data;

/// <summary>On masks of 56 rows and 40 columns: a band is two rows by twenty columns.</summary>
public sealed class LungFeaturesTests
{
    private static readonly int[] Own = Rows((10, 20), (11, 20), (31, 4));

    [Fact]
    public void EveryFeatureHasAName()
    {
        Assert.Equal(ZoneModel.Features.Count, LungFeatures.Of(false, Own, new int[56], 40, 1).Length);
        Assert.Distinct(ZoneModel.Features);
    }

    [Fact]
    public void ABandHoldsItsShareOfLesion()
    {
        Assert.Equal(1, Feature("band 05"), 12);
        Assert.Equal(0.1, Feature("band 15"), 12);
        Assert.Equal(0, Feature("band 14"), 12);
    }

    [Fact]
    public void HeightsAreSharesOfThePicture()
    {
        Assert.Equal(10 / 55.0, Feature("top"), 12);
        Assert.Equal(31 / 55.0, Feature("bottom"), 12);
        Assert.Equal(21 / 55.0, Feature("extent"), 12);
        Assert.Equal(((20 * 10) + (20 * 11) + (4 * 31)) / 44.0 / 55, Feature("centre"), 12);
    }

    [Fact]
    public void AHeightIsSharedByItsTwoNearestPlaces()
    {
        double[] top = [.. Enumerable.Range(0, 15).Select(i => Feature($"top {i:00}"))];
        Assert.Equal(1, top.Sum(), 12);
        Assert.Equal(2, top.Count(w => w > 0));
        Assert.Equal(10 / 55.0, top.Select((w, i) => w * i / 14).Sum(), 12);
    }

    [Fact]
    public void AFewStrayRowsDoNotMoveTheLowerHeight()
    {
        int[] own = Rows((10, 20), (11, 20), (12, 20), (50, 2));
        double[] lower = [.. Enumerable.Range(0, 15).Select(i => Feature($"lower {i:00}", own))];
        Assert.Equal(12 / 55.0, lower.Select((w, i) => w * i / 14).Sum(), 12);
        Assert.Equal(50 / 55.0, Feature("bottom", own), 12);
    }

    [Fact]
    public void WithoutTheOtherLungItsPlacesAreEmpty()
    {
        Assert.Equal(1, Feature("no other"));
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(0, Feature($"other top {i:00}")));
        Assert.Equal(0, Feature("no other", other: Rows((5, 1))));
    }

    [Fact]
    public void TheRightLungHasItsOwnTerms()
    {
        Assert.Equal(0, Feature("right bottom"));
        Assert.Equal(Feature("bottom"), Feature("right bottom", right: true));
    }

    private static double Feature(string name, int[]? own = null, int[]? other = null, bool right = false) =>
        LungFeatures.Of(right, own ?? Own, other ?? new int[56], 40, 1)[ZoneModel.Features.ToList().IndexOf(name)];

    private static int[] Rows(params (int Row, int Pixels)[] filled)
    {
        var rows = new int[56];
        foreach ((int row, int pixels) in filled)
            rows[row] = pixels;
        return rows;
    }
}
