using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

/// <summary>The tables that cells of notebooks 04, 06 and 07 made of the tracked mini runs, as stored in figures/mini.</summary>
public sealed class StoredTablesTests
{
    private static readonly RunStore Store = new();

    [Theory]
    [InlineData(ImageKind.XRay, "X-ray")]
    [InlineData(ImageKind.CT, "medseg-ct")]
    public void Table1IsOfTheTrackedRuns(ImageKind kind, string data)
    {
        Comparison tracked = Comparison.Find(Store, Scale.Mini, kind), other = Comparison.Find(Store, Scale.Mini, kind == ImageKind.CT ? ImageKind.XRay : ImageKind.CT);
        Dictionary<string, string>[] means = Rows("04-table-1"), pooled = Rows("04-pooled");
        Assert.Equal(10, means.Length);
        foreach ((string name, Dictionary<string, string> mean, Dictionary<string, string> ofPixels) in ModelCatalog.Names.Zip(means, pooled))
        {
            ComparedMethod method = tracked.Find(name)!;
            string dagger = method.EarlierForm.Length > 0 || other.Find(name)?.EarlierForm.Length > 0 ? " \u2020" : "";
            Assert.Equal((name == "GLoRIA" ? "GLoRIA encoder, text in the decoder" : name) + dagger, mean["method"]);
            AssertEqual(method.Scores.MeanDice.Percent, mean, $"{data} mean Dice");
            AssertEqual(method.Scores.MeanIoU.Percent, mean, $"{data} mean IoU");
            AssertEqual(method.Scores.PooledDice.Percent, ofPixels, $"{data} pooled Dice");
            AssertEqual(method.Scores.PooledIoU.Percent, ofPixels, $"{data} pooled IoU");
        }

        Dictionary<string, string>[] differences = [.. Rows("04-differences").Where(row => row["data"] == data)];
        ComparedMethod[] differing = [.. tracked.Methods.Where(method => method.Difference is not null)];
        Assert.Equal(9, differing.Length);
        foreach ((ComparedMethod method, Dictionary<string, string> row) in differing.Zip(differences))
        {
            AssertEqual(method.Difference!.MeanDiceDifference.Percent, row, "mean Dice difference");
            AssertEqual(method.Difference.PooledDiceDifference.Percent, row, "pooled Dice difference");
            Assert.Equal(method.Difference.PValue, Number(row["p"]), 1e-9);
            Assert.Equal(method.CorrectedP, Number(row["Holm p"]), 1e-9);
            Assert.Equal(method.Difference.CohensDz, Number(row["effect size d_z"]), 1e-9);
        }
    }

    [Fact]
    public void TheTextControlsAndGainsAreOfTheTrackedRuns()
    {
        string[] names = ["correct", "missing", "shuffled", "mirrored", "wrong number", "number only"];
        TextMode[] modes = [TextMode.Correct, TextMode.Missing, TextMode.ShuffledBetweenCases, TextMode.Mirrored, TextMode.WrongNumber, TextMode.NumberOnly];
        RunSpec spec = Presets.For(Scale.Mini);
        Run Trained(TextMode text) => Store.Find(spec with { Text = text })!;
        Dictionary<string, string> controls = Rows("06-text-controls")[0];
        Assert.Equal("correct reports", controls["trained with"]);
        foreach ((string name, TextMode mode) in names.Zip(modes))
            AssertEqual(ScoreSummary.Of(RunStore.FindScores(Trained(TextMode.Correct), mode)!).MeanDice.Percent, controls, name);

        Dictionary<string, string>[] gains = Rows("06-gains");
        TextMode[] parts = [TextMode.Correct, TextMode.WrongNumber, TextMode.NumberOnly];
        Assert.Equal(["the report", "zones, wrong number", "number, no zones"], gains.Select(row => row["trained and tested with"]));
        foreach ((TextMode part, Dictionary<string, string> row) in parts.Zip(gains))
        {
            TextGain gain = TextGain.Of(Trained(TextMode.Missing).Cases, Trained(part).Cases, Trained(TextMode.Correct).Cases);
            AssertEqual(gain.Difference.Percent, row, "gain");
            AssertEqual(gain.Share.Percent, row, "share");
        }
    }

    [Fact]
    public void TheCamMeasuresAreOfTheTrackedRuns()
    {
        Dictionary<string, string>[] rows = Rows("07-cam-measures-on-real-x-rays");
        CamSummary[] runs = [.. CamStudy.Runs(Scale.Mini).Select(run => CamSummary.Of(CamStudy.FindScores(Store, run.Spec)!))];
        Assert.Equal(12, rows.Length);
        foreach ((int i, Dictionary<string, string> row) in rows.Index())
        {
            (CamSummary run, int layer) = (runs[i / 4], i % 4);
            AssertEqual(run.Energy[layer].Percent, row, "energy");
            AssertEqual(run.Pointing[layer].Percent, row, "pointing");
            if (layer == 0)
                AssertEqual(run.Refinement.Percent, row, "refinement");
        }
    }

    private static Dictionary<string, string>[] Rows(string name)
    {
        string path = Path.Combine(SharedData.Repository, "figures", "mini", name + ".csv");
        using var csv = new CsvRows(path, "Run the notebooks.", "Run the notebooks.");
        return [.. csv.Read(() => csv.Columns.ToDictionary(column => column, csv.Text))];
    }

    private static void AssertEqual(Estimate expected, Dictionary<string, string> row, string column)
    {
        Assert.Equal(expected.Value, Number(row[column]), 1e-9);
        Assert.Equal(expected.Low, Number(row[column + " low"]), 1e-9);
        Assert.Equal(expected.High, Number(row[column + " high"]), 1e-9);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
