using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Platform;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Experiments;

public sealed class ComparedSetsTests
{
    private static readonly (string Data, Comparison Methods)[] Both =
    [
        ("X-ray", Comparison.Of([ComparisonTests.Of("UNet", 0.6), ComparisonTests.Of("C2FVL", 0.8)])),
        ("CT", Comparison.Of([ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT)])),
    ];

    [Fact]
    public void EveryMethodHasARowAndTheCaptionSaysThePreset()
    {
        Table table = Show(Both);
        string[] lines = table.ToMarkdown().Split('\n');

        Assert.StartsWith("Phantom preset: drawn images", table.Caption);
        Assert.Contains("Percent. 95 % intervals over patients.", table.Caption);
        Assert.StartsWith("| C2FVL | 8", lines.Single(line => line.StartsWith("| C2FVL")));
        Assert.EndsWith("| \u2013 |", lines.Single(line => line.StartsWith("| UNet |"))); // no CT run
        Assert.Equal(ModelCatalog.Names.Count, table.RowCount);
        Assert.Equal(["X-ray", "X-ray", "CT"], new ComparedSets(Both).Methods.Select(row => row.Data));
    }

    [Fact]
    public void FilesHoldTheIntervalsEndsAsNumbers()
    {
        string[] rows = Show(Both).ToCsv().Split('\n');

        int low = Array.IndexOf(rows[0].Split(','), "X-ray mean Dice low");
        string row = rows.Single(line => line.StartsWith("UNet,"));
        Assert.Equal(
            100 * Both[0].Methods.Find("UNet")!.Scores.MeanDice.Low,
            double.Parse(row.Split(',')[low], System.Globalization.CultureInfo.InvariantCulture), 9);
    }

    /// <summary>What notebook 04 says of methods in words is in a file that names each of them once.</summary>
    [Fact]
    public void EveryMethodSaysWhatDiffersFromItsAuthorsAndWhetherItsWeightsAreMissing()
    {
        using CsvRows rows = QuotedScore.Open("departures");
        (string Method, string Weights, string Text)[] all = [
            .. rows.Read(() => (rows.Text("method"), rows.Text("published_weights"), rows.Text("departure")))];
        Assert.Equal(ModelCatalog.Names, all.Select(row => row.Method));
        Assert.Equal(
            ["TransUNet", "Swin-UNet", "TGANet", "GLoRIA"],
            all.Where(row => row.Weights.Length > 0).Select(row => row.Method));
        Assert.All(all, row => Assert.NotEmpty(row.Text));
        Assert.Contains("Random fixed words", all.Single(row => row.Method == "TGANet").Text);
        Assert.Contains("reads no text", all.Single(row => row.Method == "GLoRIA").Text);
        Assert.Equal("GLoRIA encoder, text in the decoder", ComparedSets.RowName("GLoRIA"));
    }

    [Fact]
    public void ARunOfAnEarlierFormHasADaggerAndItsDifferencesSaid()
    {
        Run unet = ComparisonTests.Of("UNet", 0.6);
        unet = unet with { Spec = unet.Spec with { Augmentation = Augmentation.TextBlind, Threads = 7, Seed = 3 } };
        (string, Comparison) earlier = ("X-ray", Comparison.Of([unet, ComparisonTests.Of("C2FVL", 0.8, seed: 3)]));
        const string Note = "\u2020\u00a0Run of an earlier version of the method (X-ray: UNet).";

        Table table = Show(earlier);
        Assert.Contains("| UNet \u2020 |", table.ToMarkdown());
        Assert.DoesNotContain("C2FVL \u2020", table.ToMarkdown());
        Assert.Contains(Note, table.Caption);
        Assert.DoesNotContain("\u2020", Show(Both).ToMarkdown());
        Assert.Equal("UNet \u2020", ComparedSets.RowName("UNet", isEarlier: true));

        Assert.Equal($" {Note}", new ComparedSets(earlier).Earlier);
        Assert.Equal([true, false], new[] { "UNet", "C2FVL" }.Select(new ComparedSets(earlier).IsEarlier));
        Assert.Equal("Augmentation=TextBlind", earlier.Item2.Find("UNet")!.EarlierForm);
    }

    [Fact]
    public void TheStandInForTheCtSetIsNamedForWhatItIsNot()
    {
        Run real = ComparisonTests.Of("C2FVL", 0.7) with { Spec = Presets.For(Scale.Mini, ImageKind.CT) };
        Assert.Contains("medseg-ct is not MosMedData+.", new ComparedSets(("medseg-ct", Comparison.Of([real]))).Caption(""));
        Assert.DoesNotContain("MosMedData+", new ComparedSets(Both).Caption(""));
    }

    [Fact]
    public void WherePatientsAreUnknownTheIntervalsAreSaidToBeOverImages()
    {
        static Run Alone(Run run) => run with { Cases = [.. run.Cases.Select(score => score with { Group = score.CaseId })] };
        (string, Comparison) ct = ("CT", Comparison.Of([Alone(ComparisonTests.Of("UNet", 0.5, kind: ImageKind.CT)), Alone(ComparisonTests.Of("C2FVL", 0.7, kind: ImageKind.CT))]));
        const string Mixed = "over patients (CT: over images, patients unknown)", Images = "over images, patients unknown";

        Assert.Contains($"95 % intervals {Mixed}.", new ComparedSets(Both[0], ct).Caption(""));
        Assert.Contains($"95 % intervals {Images}.", new ComparedSets(ct).Caption(""));
        Assert.Equal(Mixed, new ComparedSets(Both[0], ct).Over);
        Assert.Contains("95 % intervals over patients.", new ComparedSets(Both).Caption(""));
        Assert.DoesNotContain("intervals", new ComparedSets(Both).Caption("", hasIntervals: false));
    }

    /// <summary>A table of the mean Dice, as notebook 04 makes it.</summary>
    private static Table Show(params (string Data, Comparison Methods)[] sets)
    {
        var compared = new ComparedSets(sets);
        TableBuilder<string> table = compared.ByMethod();
        foreach ((string data, Comparison methods) in sets)
            table.Percent($"{data} mean Dice", name => methods.Find(name)?.Scores.MeanDice);
        return table.Make("Table 1", compared.Caption("Percent."));
    }
}
