using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Bench;

namespace C2FVL.Tests.Workbook.Bench;

/// <summary>What the two READMEs say of speed is what the tracked bench found.</summary>
public sealed class BenchResultsTests
{
    private static readonly IReadOnlyList<BenchRow> Rows = BenchRow.Load(Path.Combine(SharedData.Repository, "data", "results", "bench.csv"));

    [Fact]
    public void TheConsolesPageHasTheTrackedRatios()
    {
        string table = BenchReport.Ratios(Rows).ToMarkdown();
        string page = File.ReadAllText(Path.Combine(SharedData.Repository, "workbook", "README.md")).ReplaceLineEndings("\n");
        Assert.Contains(table[table.IndexOf('|')..], page, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadmeSaysTheTrackedRatios()
    {
        BenchRow loading = Row(BenchMeasure.Loading);
        FormattableString words = $"C2FVL's training step reaches {Row(BenchMeasure.Step).Ratio:0.00} of the speed of its convolutions alone, and inference {Row(BenchMeasure.Inference).Ratio:0.00}. The step is {BenchReport.TimesPlain(Rows).Single(times => times.Model == "C2FVL").Ratio:0.0} times as fast as the same network without optimisation, and {Row(BenchMeasure.Small).Ratio:0.0} times at the mini preset. One core loads {loading.ImagesPerSecond:0} cases a second. Training with loading runs at {Row(BenchMeasure.StepLoading).Ratio:0.00} of the speed without";
        Assert.Contains(FormattableString.Invariant(words), File.ReadAllText(Path.Combine(SharedData.Repository, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void ItWasMeasuredAtFullSize() =>
        Assert.All(new[] { BenchMeasure.Step, BenchMeasure.Convolutions, BenchMeasure.PlainStep }, measure => Assert.Equal((4, 224), (Row(measure).Batch, Row(measure).Size)));

    private static BenchRow Row(BenchMeasure measure) => Rows.Single(row => row.Measure == measure && (row.Model == "C2FVL" || measure == BenchMeasure.Loading));
}
