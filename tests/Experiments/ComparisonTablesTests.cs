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
        Table table = ComparisonTables.Scores("Table 1", Both);
        string[] lines = table.ToMarkdown().Split('\n');

        Assert.Contains("Phantom preset: drawn images", table.Caption);
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
        Assert.All(names, name => Assert.Contains("| from scratch |", rows.Single(row => row.StartsWith($"| {ComparisonTables.RowName(name)} |"))));
        Assert.DoesNotContain("from scratch", rows.Single(row => row.StartsWith("| C2FVL |")));
    }

    [Fact]
    public void EveryMethodSaysWhatDiffersFromItsAuthors()
    {
        Assert.Equal(ModelCatalog.Names, ComparisonTables.Departures.Keys);
        string[] rows = ComparisonTables.DepartureTable("Departures").ToMarkdown().Split('\n');
        Assert.Contains("Random fixed words", rows.Single(row => row.StartsWith("| TGANet |")));
        Assert.Contains("reads no text", rows.Single(row => row.StartsWith("| GLoRIA encoder, text in the decoder |")));
        string tga = ComparisonTables.Scores("Table 1", Both).ToMarkdown().Split('\n').Single(row => row.StartsWith("| TGANet |"));
        Assert.StartsWith("| TGANet | in training | from scratch |", tga);
    }

    [Fact]
    public void ARunOfAnEarlierFormHasADaggerAndItsDifferencesSaid()
    {
        Run unet = ComparisonTests.Of("UNet", 0.6);
        unet = unet with { Spec = unet.Spec with { Augmentation = Augmentation.TextBlind, Threads = 7, Seed = 3 } };
        (string, Comparison) earlier = ("X-ray", Comparison.Of([unet, ComparisonTests.Of("C2FVL", 0.8, seed: 3)]));
        const string Note = "\u2020\u00a0Run of an earlier version of the method (X-ray: UNet).";

        foreach (Func<string, (string, Comparison)[], Table> make in new Func<string, (string, Comparison)[], Table>[]
            { ComparisonTables.Scores, ComparisonTables.Pooled, ComparisonTables.Distances, ComparisonTables.Costs, ComparisonTables.Differences })
        {
            Table table = make("Table", [earlier]);
            Assert.Contains("| UNet \u2020 |", table.ToMarkdown());
            Assert.DoesNotContain("C2FVL \u2020", table.ToMarkdown());
            Assert.Contains(Note, table.Caption);
            Assert.DoesNotContain("\u2020", make("Table", Both).ToMarkdown());
        }

        Chart forest = ComparisonTables.Forest("Differences", "C2FVL", earlier)!;
        Assert.Equal(["UNet \u2020"], forest.Y.Categories!);
        Assert.Contains(Note, forest.Subtitle);
        Assert.EndsWith("| X-ray | UNet | Augmentation=TextBlind |", ComparisonTables.EarlierFormTable("Earlier", earlier)!.ToMarkdown().TrimEnd());
        Assert.Null(ComparisonTables.EarlierFormTable("Earlier", Both));
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

        // Pictures and packed scripts are base64, in which any three letters may occur.
        string html = Regex.Replace(chart.ToHtml(), "[A-Za-z0-9+/=]{200,}", "");
        Assert.Contains("AttUNet", html);
        Assert.DoesNotContain("NaN", html);
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
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | \u2013 | 1 | \u2013 | 10 | \u2013 | 1 |", costs.ToMarkdown()); // no split, so no images/s
        Table pooled = ComparisonTables.Pooled("Pooled", Both);
        Assert.Equal(ModelCatalog.Names.Count, pooled.Data.Rows.Count);
    }

    [Fact]
    public void DistancesAndSecondsStandBesideTheNumberOfImagesThatHaveThem()
    {
        static Run Measured(Run run) => run with
        {
            Cases = [.. run.Cases.Select((score, i) => i < 2 ? score with { Seconds = 0.05 } : score with { Hd95 = 12, Assd = 3, Seconds = 0.05 })],
        };
        (string, Comparison) set = ("X-ray", Comparison.Of([Measured(ComparisonTests.Of("C2FVL", 0.8)), ComparisonTests.Of("UNet", 0.6)]));
        Table table = ComparisonTables.Distances("Distances", set);
        Assert.Contains("| C2FVL | 12.0 [12.0, 12.0] | 3.00 [3.00, 3.00] | 38 of 40 |", table.ToMarkdown());
        Assert.Contains("| UNet | \u2013 | \u2013 | 0 of 40 |", table.ToMarkdown()); // scored by an older version
        Assert.Contains("in pixels at the scored size", table.Caption);
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | 0.050 | 1 |", ComparisonTables.Costs("Costs", set).ToMarkdown());
    }

    [Fact]
    public void RunsOfOtherThreadsAreToldApart()
    {
        Run one = ComparisonTests.Of("C2FVL", 0.8, seed: 1), two = ComparisonTests.Of("C2FVL", 0.8, seed: 2);
        Table costs = ComparisonTables.Costs("Costs", ("X-ray", Comparison.Of([one, two with { Spec = two.Spec with { Threads = 2 } }])));
        Assert.Contains("| C2FVL | 337,424 | \u2013 | 10 | \u2013 | 1, 2 |", costs.ToMarkdown());
    }

    [Fact]
    public void WithSeveralSeedsTheirSpreadIsShownInPercentBesideTheMeanDice()
    {
        (string, Comparison) seeds = ("X-ray", Comparison.Of([ComparisonTests.Of("C2FVL", 0.8, seed: 1), ComparisonTests.Of("C2FVL", 0.7, seed: 2), ComparisonTests.Of("UNet", 0.6, seed: 1)]));
        string[] lines = ComparisonTables.Scores("Table 1", seeds).ToMarkdown().Split('\n');
        int column = Array.IndexOf(lines.Single(line => line.StartsWith("| method")).Split(" | "), "X-ray mean Dice over seeds");

        // The sample's deviation of 70 and 80 is 10 / sqrt 2.
        Assert.Equal("75.0 \u00b1 7.1 (2 runs)", lines.Single(line => line.StartsWith("| C2FVL")).Split(" | ")[column]);
        Assert.Equal("60.0", lines.Single(line => line.StartsWith("| UNet |")).Split(" | ")[column]);
        Assert.DoesNotContain("over seeds", ComparisonTables.Scores("Table 1", Both).ToMarkdown());
    }

    [Fact]
    public void WherePatientsAreUnknownTheIntervalsAreSaidToBeOverImages()
    {
        static Run Alone(Run run) => run with { Cases = [.. run.Cases.Select(score => score with { Group = score.CaseId })] };
        (string, Comparison) ct = ("CT", Comparison.Of([Alone(ComparisonTests.Of("UNet", 0.5, kind: ImageKind.CT)), Alone(ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT))]));
        const string Mixed = "over patients (CT: over images, patients unknown)", Images = "over images, patients unknown";

        Assert.Contains($"95 % intervals {Mixed}.", ComparisonTables.Scores("Table 1", Both[0], ct).Caption);
        Assert.Contains($"95 % intervals {Images}.", ComparisonTables.Scores("Table 1", ct).Caption);
        Assert.Contains($"95 % intervals {Images}.", ComparisonTables.Pooled("Pooled", ct).Caption);
        Assert.Contains($"sign-flip test {Mixed};", ComparisonTables.Differences("Differences", Both[0], ct).Caption);
        Assert.EndsWith($"Intervals {Mixed}.", ComparisonTables.Forest("Differences", "C2FVL", Both[0], ct)!.Subtitle);
        Assert.Contains("95 % intervals over patients.", ComparisonTables.Scores("Table 1", Both).Caption);
    }
}
