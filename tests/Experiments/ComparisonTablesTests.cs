using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Figures;

namespace C2FVL.Tests.Experiments;

public sealed class ComparisonTablesTests
{
    private static readonly (string Data, Comparison Methods)[] Both =
    [
        ("X-ray", Comparison.Of([ComparisonTests.Of("UNet", 0.6), ComparisonTests.Of("C2FVL", 0.8)])),
        ("CT", Comparison.Of([ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT)])),
    ];

    [Fact]
    public void ScoresStandBesideThePapersNumbers()
    {
        Table table = ComparisonTables.Scores("Table 1", Both);
        string[] lines = table.ToMarkdown().Split('\n');

        Assert.Contains("Phantom scale: drawn pictures", table.Caption);
        Assert.Contains("paper QaTa Dice (quoted)", lines.Single(line => line.StartsWith("| method")));
        string c2fvl = lines.Single(line => line.StartsWith("| C2FVL"));
        Assert.StartsWith("| C2FVL | yes |  | 8", c2fvl);
        Assert.EndsWith("| 83.40 | 74.62 | 74.56 | 61.15 |", c2fvl);
        string unet = lines.Single(line => line.StartsWith("| UNet |"));
        Assert.Contains("| \u2013 | \u2013 | 79.02 | 69.46 | 64.60 | 50.73 |", unet); // no CT run
        Assert.Equal(ModelCatalog.Names.Count, table.Data.Rows.Count);
    }

    [Fact]
    public void FilesHoldTheIntervalsEndsAsNumbers()
    {
        Table table = ComparisonTables.Scores("Table 1", Both);
        string[] rows = table.ToCsv().Split('\n');

        int low = Array.IndexOf(rows[0].Split(','), "X-ray mean Dice low");
        string row = rows.Single(line => line.StartsWith("UNet,"));
        Assert.Equal(100 * Both[0].Methods.Find("UNet")!.Scores.MeanDice.Low, double.Parse(row.Split(',')[low], System.Globalization.CultureInfo.InvariantCulture), 9);
    }

    [Fact]
    public void MethodsWhosePublishedWeightsAreMissingSaySo()
    {
        Assert.Equal(["TransUNet", "Swin-UNet", "TGANet", "GLoRIA"], ComparisonTables.PublishedPretraining.Keys);
        string[] names = [.. ComparisonTables.PublishedPretraining.Keys.Intersect(ModelCatalog.Names)];
        string[] rows = ComparisonTables.Scores("Table 1", Both).ToMarkdown().Split('\n');
        Assert.All(names, name => Assert.Contains("| from scratch |", rows.Single(row => row.StartsWith($"| {name} |"))));
        Assert.DoesNotContain("from scratch", rows.Single(row => row.StartsWith("| C2FVL |")));
    }

    [Fact]
    public void DifferencesHaveARowAMethodAndDataSet()
    {
        Table table = ComparisonTables.Differences("Differences", Both);

        Assert.Equal(1, table.Data.Rows.Count);
        Assert.Matches(@"\| X-ray \| UNet \| -\d\d\.\d \[-\d\d\.\d, -\d\d\.\d\] \| 0\.00005 \| 0\.00005 \| -\d", table.ToMarkdown());
    }

    [Fact]
    public void TheForestHasARowAMethodAndASeriesADataSetThatHasDifferences()
    {
        Chart chart = ComparisonTables.Forest("Differences", "C2FVL", Both)!;

        Assert.Equal(["UNet"], chart.Y.Categories!);
        Series series = Assert.Single(chart.Series);
        Assert.Equal("X-ray (1 of 1 with Holm p < 0.05)", series.Name);
        Assert.EndsWith(series.Name, chart.Subtitle); // one series has no legend
        Assert.Equal(100 * Both[0].Methods.Find("UNet")!.Difference!.MeanDiceDifference.High, series.High![0]);
        Assert.NotEmpty(chart.ToPng(0.5));
        Assert.Null(ComparisonTables.Forest("Differences", "C2FVL", Both[1]));
    }

    [Fact]
    public void ARowWithoutANumberStaysInTheForestsOtherSeries()
    {
        (string, Comparison) ct = ("CT", Comparison.Of([ComparisonTests.Of("AttUNet", 0.5, kind: ImageKind.CT), ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT)]));
        Chart chart = ComparisonTables.Forest("Differences", "C2FVL", Both[0], ct)!;

        Assert.Equal(["UNet", "AttUNet"], chart.Y.Categories!);
        Assert.Equal(double.NaN, chart.Series[0].X[1]);
        Assert.Equal(double.NaN, chart.Series[1].X[0]);
        Assert.NotEmpty(chart.ToPng(0.5));
        Assert.DoesNotContain("NaN", chart.ToHtml());
    }

    [Fact]
    public void TheStandInForTheCtSetIsNamedForWhatItIsNot()
    {
        Run real = ComparisonTests.Of("C2FVL", 0.7) with { Spec = Presets.For(Scale.Mini, ImageKind.CT) };
        Assert.Contains("medseg-ct is not MosMedData+.", ComparisonTables.Scores("Table 1", ("medseg-ct", Comparison.Of([real]))).Caption);
        Assert.DoesNotContain("MosMedData+", ComparisonTables.Scores("Table 1", Both).Caption);
    }

    [Fact]
    public void CostsAndPooledScoresHaveARowASystem()
    {
        Table costs = ComparisonTables.Costs("Costs", Both);
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | \u2013 | 10 |", costs.ToMarkdown()); // no split, so no images/s
        Table pooled = ComparisonTables.Pooled("Pooled", Both);
        Assert.Equal(ModelCatalog.Names.Count, pooled.Data.Rows.Count);
        Assert.DoesNotContain("over seeds", pooled.ToMarkdown());
    }

    [Fact]
    public void WithSeveralSeedsTheirSpreadIsShown() => Assert.Contains(
        "(2 runs)",
        ComparisonTables.Pooled("Pooled", ("X-ray", Comparison.Of([ComparisonTests.Of("C2FVL", 0.8, seed: 1), ComparisonTests.Of("C2FVL", 0.7, seed: 2)]))).ToMarkdown());
}
