using System.Text.RegularExpressions;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Workbook.Notebooks;

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
        Table table = new ComparisonTables(Both).Scores("Table 1");
        string[] lines = table.ToMarkdown().Split('\n');

        Assert.Contains("Phantom preset: drawn images", table.Caption);
        Assert.Contains("paper QaTa Dice (quoted)", lines.Single(line => line.StartsWith("| method")));
        string c2fvl = lines.Single(line => line.StartsWith("| C2FVL"));
        Assert.StartsWith("| C2FVL | yes |  | 8", c2fvl);
        Assert.EndsWith("| 83.40 | 74.62 | 74.56 | 61.15 |", c2fvl);
        string unet = lines.Single(line => line.StartsWith("| UNet |"));
        Assert.Contains("| \u2013 | \u2013 | 79.02 | 69.46 | 64.60 | 50.73 |", unet); // no CT run
        Assert.Equal(ModelCatalog.Names.Count, table.RowCount);
    }

    [Fact]
    public void FilesHoldTheIntervalsEndsAsNumbers()
    {
        Table table = new ComparisonTables(Both).Scores("Table 1");
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
        string[] rows = new ComparisonTables(Both).Scores("Table 1").ToMarkdown().Split('\n');
        Assert.All(names, name => Assert.Contains("| from scratch |", rows.Single(row => row.StartsWith($"| {ComparisonTables.RowName(name)} |"))));
        Assert.DoesNotContain("from scratch", rows.Single(row => row.StartsWith("| C2FVL |")));
    }

    [Fact]
    public void EveryMethodSaysWhatDiffersFromItsAuthors()
    {
        Assert.Equal(ModelCatalog.Names, ComparisonTables.Departures.Keys);
        Assert.Contains("Random fixed words", ComparisonTables.Departures["TGANet"]);
        Assert.Contains("reads no text", ComparisonTables.Departures["GLoRIA"]);
        Assert.Equal("GLoRIA encoder, text in the decoder", ComparisonTables.RowName("GLoRIA"));
        string tga = new ComparisonTables(Both).Scores("Table 1").ToMarkdown().Split('\n').Single(row => row.StartsWith("| TGANet |"));
        Assert.StartsWith("| TGANet | in training | from scratch |", tga);
    }

    [Fact]
    public void ARunOfAnEarlierFormHasADaggerAndItsDifferencesSaid()
    {
        Run unet = ComparisonTests.Of("UNet", 0.6);
        unet = unet with { Spec = unet.Spec with { Augmentation = Augmentation.TextBlind, Threads = 7, Seed = 3 } };
        (string, Comparison) earlier = ("X-ray", Comparison.Of([unet, ComparisonTests.Of("C2FVL", 0.8, seed: 3)]));
        const string Note = "\u2020\u00a0Run of an earlier version of the method (X-ray: UNet).";

        foreach (Func<ComparisonTables, Table> make in new Func<ComparisonTables, Table>[]
            { t => t.Scores("T"), t => t.Pooled("T"), t => t.Distances("T"), t => t.Costs("T"), t => t.Differences("T") })
        {
            Table table = make(new ComparisonTables(earlier));
            Assert.Contains("| UNet \u2020 |", table.ToMarkdown());
            Assert.DoesNotContain("C2FVL \u2020", table.ToMarkdown());
            Assert.Contains(Note, table.Caption);
            Assert.DoesNotContain("\u2020", make(new ComparisonTables(Both)).ToMarkdown());
        }

        Chart forest = new ComparisonTables(earlier).Forest("Differences", "C2FVL")!;
        Assert.Equal(["UNet \u2020"], forest.Y.Categories!);
        Assert.Contains(Note, forest.Subtitle);
        Assert.Equal("Augmentation=TextBlind", earlier.Item2.Find("UNet")!.EarlierForm);
    }

    [Fact]
    public void DifferencesHaveARowAMethodAndDataSet()
    {
        Table table = new ComparisonTables(Both).Differences("Differences");

        Assert.Equal(1, table.RowCount);
        Assert.Matches(@"\| X-ray \| UNet \| -\d\d\.\d \[-\d\d\.\d, -\d\d\.\d\] \| 0\.00005 \| 0\.00005 \| -\d", table.ToMarkdown());
    }

    [Fact]
    public void TheForestHasARowAMethodAndASeriesADataSetThatHasDifferences()
    {
        Chart chart = new ComparisonTables(Both).Forest("Differences", "C2FVL")!;

        Assert.Equal(["UNet"], chart.Y.Categories!);
        Series series = Assert.Single(chart.Series);
        Assert.Equal("X-ray (1 of 1 with Holm p < 0.05)", series.Name);
        Assert.EndsWith(series.Name, chart.Subtitle); // one series has no legend
        Assert.Equal(100 * Both[0].Methods.Find("UNet")!.Difference!.MeanDiceDifference.High, series.High![0]);
        Assert.NotEmpty(chart.ToPng(0.5));
        Assert.Null(new ComparisonTables(Both[1]).Forest("Differences", "C2FVL"));
    }

    [Fact]
    public void ARowWithoutANumberStaysInTheForestsOtherSeries()
    {
        (string, Comparison) ct = ("CT", Comparison.Of([ComparisonTests.Of("AttUNet", 0.5, kind: ImageKind.CT), ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT)]));
        Chart chart = new ComparisonTables(Both[0], ct).Forest("Differences", "C2FVL")!;

        Assert.Equal(["UNet", "AttUNet"], chart.Y.Categories!);
        Assert.Equal(double.NaN, chart.Series[0].X[1]);
        Assert.Equal(double.NaN, chart.Series[1].X[0]);
        Assert.NotEmpty(chart.ToPng(0.5));

        // Pictures and packed scripts are base64, in which any three letters may occur.
        string html = Regex.Replace(chart.ToHtml(), "[A-Za-z0-9+/=]{200,}", "");
        Assert.Contains("AttUNet", html);
        Assert.DoesNotContain("NaN", html);
    }

    [Fact]
    public void TheStandInForTheCtSetIsNamedForWhatItIsNot()
    {
        Run real = ComparisonTests.Of("C2FVL", 0.7) with { Spec = Presets.For(Scale.Mini, ImageKind.CT) };
        Assert.Contains("medseg-ct is not MosMedData+.", new ComparisonTables(("medseg-ct", Comparison.Of([real]))).Scores("Table 1").Caption);
        Assert.DoesNotContain("MosMedData+", new ComparisonTables(Both).Scores("Table 1").Caption);
    }

    [Fact]
    public void CostsAndPooledScoresHaveARowASystem()
    {
        Table costs = new ComparisonTables(Both).Costs("Costs");
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | \u2013 | 1 | \u2013 | 10 | \u2013 | 1 |", costs.ToMarkdown()); // no split, so no images/s
        Table pooled = new ComparisonTables(Both).Pooled("Pooled");
        Assert.Equal(ModelCatalog.Names.Count, pooled.RowCount);
    }

    [Fact]
    public void DistancesAndSecondsStandBesideTheNumberOfImagesThatHaveThem()
    {
        static Run Measured(Run run) => run with
        {
            Cases = [.. run.Cases.Select((score, i) => i < 2 ? score with { Seconds = 0.05 } : score with { Hd95 = 12, Assd = 3, Seconds = 0.05 })],
        };
        (string, Comparison) set = ("X-ray", Comparison.Of([Measured(ComparisonTests.Of("C2FVL", 0.8)), ComparisonTests.Of("UNet", 0.6)]));
        Table table = new ComparisonTables(set).Distances("Distances");
        Assert.Contains("| C2FVL | 12.0 [12.0, 12.0] | 3.00 [3.00, 3.00] | 38 of 40 |", table.ToMarkdown());
        Assert.Contains("| UNet | \u2013 | \u2013 | 0 of 40 |", table.ToMarkdown()); // scored by an older version
        Assert.Contains("in pixels at the scored size", table.Caption);
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | 0.050 | 1 |", new ComparisonTables(set).Costs("Costs").ToMarkdown());
    }

    [Fact]
    public void RunsOfOtherThreadsAreToldApart()
    {
        Run one = ComparisonTests.Of("C2FVL", 0.8, seed: 1), two = ComparisonTests.Of("C2FVL", 0.8, seed: 2);
        Table costs = new ComparisonTables(("X-ray", Comparison.Of([one, two with { Spec = two.Spec with { Threads = 2 } }]))).Costs("Costs");
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | \u2013 | 1, 2 |", costs.ToMarkdown());
    }

    [Fact]
    public void WithSeveralSeedsTheirSpreadIsShownInPercentBesideTheMeanDice()
    {
        (string, Comparison) seeds = ("X-ray", Comparison.Of([ComparisonTests.Of("C2FVL", 0.8, seed: 1), ComparisonTests.Of("C2FVL", 0.7, seed: 2), ComparisonTests.Of("UNet", 0.6, seed: 1)]));
        string[] lines = new ComparisonTables(seeds).Scores("Table 1").ToMarkdown().Split('\n');
        int column = Array.IndexOf(lines.Single(line => line.StartsWith("| method")).Split(" | "), "X-ray mean Dice over seeds");

        // The sample's deviation of 70 and 80 is 10 / sqrt 2.
        Assert.Equal("75.0 \u00b1 7.1 (2 runs)", lines.Single(line => line.StartsWith("| C2FVL")).Split(" | ")[column]);
        Assert.Equal("60.0", lines.Single(line => line.StartsWith("| UNet |")).Split(" | ")[column]);
        Assert.DoesNotContain("over seeds", new ComparisonTables(Both).Scores("Table 1").ToMarkdown());
    }

    [Fact]
    public void WherePatientsAreUnknownTheIntervalsAreSaidToBeOverImages()
    {
        static Run Alone(Run run) => run with { Cases = [.. run.Cases.Select(score => score with { Group = score.CaseId })] };
        (string, Comparison) ct = ("CT", Comparison.Of([Alone(ComparisonTests.Of("UNet", 0.5, kind: ImageKind.CT)), Alone(ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT))]));
        const string Mixed = "over patients (CT: over images, patients unknown)", Images = "over images, patients unknown";

        Assert.Contains($"95 % intervals {Mixed}.", new ComparisonTables(Both[0], ct).Scores("Table 1").Caption);
        Assert.Contains($"95 % intervals {Images}.", new ComparisonTables(ct).Scores("Table 1").Caption);
        Assert.Contains($"95 % intervals {Images}.", new ComparisonTables(ct).Pooled("Pooled").Caption);
        Assert.Contains($"sign-flip test {Mixed};", new ComparisonTables(Both[0], ct).Differences("Differences").Caption);
        Assert.EndsWith($"Intervals {Mixed}.", new ComparisonTables(Both[0], ct).Forest("Differences", "C2FVL")!.Subtitle);
        Assert.Contains("95 % intervals over patients.", new ComparisonTables(Both).Scores("Table 1").Caption);
    }
}
