using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Tests.Experiments;

/// <summary>Tables and charts of the same two runs: their rows and their numbers.</summary>
public sealed class CamResultsTests
{
    private static readonly CamScore[] With =
    [
        Score("a", "p", Zones.LeftLower, 0.1, (0.2, true, 0.9), (0.6, true, 1.0), 0.8),
        Score("b", "q", Zones.RightLower, 0.3, (0.4, false, 0.2), (0.8, true, 0.0), 0.6),
    ];

    private static readonly CamScore[] Without =
    [
        Score("a", "p", Zones.LeftLower, 0.1, (0.5, true, 0.9), (0.6, true, 1.0), 0.7),
        Score("b", "q", Zones.RightLower, 0.3, (0.5, true, 0.2), (0.8, true, 0.0), 0.5),
    ];

    private static readonly (string Name, IReadOnlyList<CamScore> Scores)[] Runs =
        [("with", With), ("without", Without)];

    private static readonly (string Name, IReadOnlyList<CamScore> Scores)[] Texts =
        [("correct", With), ("mirrored", Without)];

    private static readonly IReadOnlyList<PerturbationSummary> Curves = PerturbationSummary.Of(
        from layer in new[] { "up2", "up1", PerturbationCurves.Control }
        from insertion in new[] { false, true }
        select new PerturbationCurve("a", "p", layer, insertion, insertion ? [0.0, 0.5, 1.0] : [1.0, 0.25, 0.0]));

    [Fact]
    public void MeasuresHaveARowPerLayerAndSayWhatAUniformMapScores()
    {
        Table table = new CamResults(Scale.Mini, Runs).Measures("t");
        Assert.Equal(["with", "", "without", ""], Column(table, "run"));
        Assert.Equal(["CNN2", "CNN1", "CNN2", "CNN1"], Column(table, "layer"));
        Assert.Equal([30.0, 70.0, 50.0, 70.0], Numbers(table, "energy"), Near);
        Assert.Equal([50.0, 100.0, 100.0, 100.0], Numbers(table, "pointing"), Near);
        Assert.Equal([40.0, null, 20.0, null], Numbers(table, "refinement"), Near);
        Assert.Contains("2 cases", table.Caption, StringComparison.Ordinal);
        Assert.Contains("A uniform map scores 20.0 % energy.", table.Caption, StringComparison.Ordinal);
        Assert.StartsWith(Scale.Mini.Caption(), table.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void CosinesHaveARowPerPairAndAColumnPerRun()
    {
        Table table = new CamResults(Scale.Mini, Runs).LayerCosines("t");
        Assert.Equal(["CNN2 and CNN1"], Column(table, "layers"));
        Assert.Equal([0.7], Numbers(table, "with"), Near);
        Assert.Equal([0.6], Numbers(table, "without"), Near);
    }

    [Fact]
    public void AreasNameTheControlAndTheRunOnce()
    {
        Table table = CamResults.CurveAreas("t", Scale.Mini, [("one", Curves)]);
        Assert.Equal(["one", "", ""], Column(table, "run"));
        Assert.Equal(["CNN2", "CNN1", "control: noise"], Column(table, "layer"));
        Assert.Equal([0.375, 0.375, 0.375], Numbers(table, "deletion"), Near);
        Assert.Equal([0.5, 0.5, 0.5], Numbers(table, "insertion"), Near);
        Assert.Equal([0.125, 0.125, 0.125], Numbers(table, "gap"), Near);
    }

    [Fact]
    public void TextsStandInTheOrderGiven()
    {
        Table table = new CamResults(Scale.Mini, Texts).ByText("t");
        Assert.Equal(["correct", "", "mirrored", ""], Column(table, "text"));

        // Of the coarse layer 0.9 of the left for the first case, 0.8 of the right for the second.
        Assert.Equal([85.0, 100.0, 85.0, 100.0], Numbers(table, "named half"), Near);
    }

    [Fact]
    public void ChartsShowThePercentOfTheSameMeasures()
    {
        Chart[] panels = [.. new CamResults(Scale.Mini, Runs).CoarseToFine("t").Panels];
        Assert.Equal([30.0, 70.0], panels[0].Series[0].Y.Select(y => (double?)y), Near);
        Assert.Equal([50.0, 100.0], panels[1].Series[0].Y.Select(y => (double?)y), Near);
        Assert.Equal(20, panels[0].Lines.Single().Value, 1e-9);
        Assert.Equal([85.0, 100.0], new CamResults(Scale.Mini, Texts).ByTextChart("t").Series[0].Y.Select(y => (double?)y), Near);
    }

    private static IEnumerable<object> Column(Table table, string name) => table[name].Values.OfType<string>();

    private static IEnumerable<double?> Numbers(Table table, string name) => table[name].Values.Select(value => (value as Estimate)?.Value);

    private static bool Near(double? a, double? b) =>
        a is null ? b is null : Math.Abs(a.Value - (b ?? double.NaN)) < 1e-9;

    private static CamScore Score(
        string id,
        string group,
        Zones named,
        double lesion,
        (double, bool, double) coarse,
        (double, bool, double) fine,
        double cosine) =>
        new(id, group, named, lesion, [Layer(coarse), Layer(fine)], [cosine]);

    private static LayerScore Layer((double Energy, bool Hit, double Left) layer) =>
        new(layer.Energy, layer.Hit, layer.Left, false);
}
