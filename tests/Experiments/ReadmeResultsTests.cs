using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

/// <summary>README's numbers of ours at the mini scale, in its table and in its prose, are what the tracked results give.</summary>
public sealed class ReadmeResultsTests
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(SharedData.Repository, "README.md"));

    private static readonly RunSpec Standard = Presets.For(Scale.Mini);

    // No store of one's own: the tracked results alone.
    private static readonly RunStore Store = new(Path.Combine(Path.GetTempPath(), "c2fvl-no-store"));

    public static TheoryData<string> Systems => [.. ModelCatalog.Names];

    [Theory]
    [MemberData(nameof(Systems))]
    public void ARowIsTheTrackedRuns(string model) =>
        AssertRow(row => row == model || row == $"{model}, from scratch", TrackedSpec(Presets.For(Scale.Mini, model: model)));

    [Fact]
    public void TheRowWithoutTextIsTheTrackedRuns() =>
        AssertRow(row => row.Contains("--text Missing", StringComparison.Ordinal), Presets.For(Scale.Mini) with { Text = TextMode.Missing });

    [Fact]
    public void TheGainsOfPartsOfTheTextAreTheTrackedRuns()
    {
        IReadOnlyList<CaseScore> report = Cases(Standard), ones = Cases(Standard with { Text = TextMode.Missing });
        TextGain Gain(TextMode part) => TextGain.Of(ones, Cases(Standard with { Text = part }), report);
        TextGain zones = Gain(TextMode.WrongNumber), number = Gain(TextMode.NumberOnly);
        AssertSaid($"all of its gain of {100 * (Mean(report) - Mean(ones)):0.0} points over ones for text ({Share(zones)})");
        AssertSaid($"with the right number and no zones it keeps nothing ({Share(number)})");
    }

    [Fact]
    public void TheScoresUnderOtherTextsAreTheTrackedRuns()
    {
        Run run = Store.Find(Standard)!;
        string With(TextMode text) => Points(Mean(RunStore.FindScores(run, text)!));
        AssertSaid($"given a missing report falls from {With(TextMode.Correct)} to {With(TextMode.Missing)}, a mirrored one {With(TextMode.Mirrored)}, another case's {With(TextMode.ShuffledBetweenCases)}");

        Run dropout = Store.Find(Standard with { TextDropout = 0.5 })!;
        AssertSaid($"with half of the reports left out in training it has {Points(Mean(dropout.Cases))} with a report and {Points(Mean(RunStore.FindScores(dropout, TextMode.Missing)!))} with none");
        AssertSaid($"moving the text along gives {Points(Mean(Cases(Standard with { Augmentation = Augmentation.TextConsistent })))}, leaving it as the released code does {Points(Mean(Cases(Standard with { Augmentation = Augmentation.TextBlind })))}");
    }

    [Fact]
    public void TheAblationIsTheTrackedRuns()
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.Table3(Scale.Mini);
        string Row(string label) => OneDecimal(ScoreSummary.Of(Cases(rows.Single(row => row.Label == label).Spec)).MeanDice);
        AssertSaid($"text on all skips without VLAB or cosine loss has {Row("text on all skips")}, the whole method {Row("all skips, VLAB, L_up")}, and {Row("all skips, VLAB, L_up, no ViT")} without its ViT");
    }

    [Fact]
    public void TheHyperParametersAreTheTrackedRuns()
    {
        string[] rows = [.. PaperTables.Table2(Scale.Mini).Select(row => Points(Mean(Cases(row.Spec))))];
        AssertSaid($"batch sizes of 2, 4 and 8 have {rows[0]}, {rows[1]} and {rows[2]}, learning rates of 1e-4, 1e-3 and 1e-2 have {rows[3]}, {rows[4]} and {rows[5]}");

        RunSpec[] settings = [.. PaperTables.Figure3(Scale.Mini).Select(row => row.Spec).DistinctBy(spec => spec.Name)];
        double[] found = [.. settings.Select(Store.Find).OfType<Run>().Select(run => Mean(run.Cases))];
        AssertSaid($"of Figure 3, {found.Length} of {settings.Length} settings are run and lie between {Points(found.Min())} and {Points(found.Max())}");
    }

    [Fact]
    public void TheSlicesScoresAreTheTrackedRuns()
    {
        RunSpec slices = Presets.For(Scale.Mini, ImageKind.CT);
        string Of(RunSpec spec) => OneDecimal(ScoreSummary.Of(Cases(spec)).MeanDice);
        AssertSaid($"UNet has a mean Dice of {Of(Presets.For(Scale.Mini, ImageKind.CT, "UNet"))}, C2FVL {Of(slices)}, and {Of(slices with { Text = TextMode.Missing })} with ones for text");
    }

    [Fact]
    public void TheCamMeasuresAreTheTrackedOnes()
    {
        CamSummary[] runs = [.. CamStudy.Runs(Scale.Mini).Select(run => CamSummary.Of(CamStudy.FindScores(Store, run.Spec)!, resamples: 0))];
        string Rise(CamSummary run) => $"{Points(run.Energy[0].Value)} to {Points(run.Energy[^1].Value)} %";
        AssertSaid($"the energy inside the lesion rises from {Rise(runs[0])} with the loss, from {Rise(runs[1])} without it, and from {Rise(runs[2])} in UNet");
        AssertSaid($"the mean Dice without the loss is {Points(Mean(Cases(CamStudy.Runs(Scale.Mini)[1].Spec)))}, with it {Points(Mean(Cases(Standard)))}");
        CamSummary mirrored = CamSummary.Of(CamStudy.FindScores(Store, Standard, TextMode.Mirrored)!, resamples: 0);
        AssertSaid($"on one-sided cases {Points(mirrored.OnNamedSide[^1].Value)} % of its energy stays on the side of the lesion");
    }

    /// <summary>The preset, or while it has no tracked run the one spec that has: that of the method's first form.</summary>
    private static RunSpec TrackedSpec(RunSpec preset) => Store.Find(preset) is not null ? preset : Store.Tracked(Scale.Mini)
        .Select(run => run.Spec)
        .Single(spec => spec.Model.Name == preset.Model.Name && spec.Data == preset.Data && spec.Seed == preset.Seed && spec.Text == preset.Text);

    private static IReadOnlyList<CaseScore> Cases(RunSpec spec) => Store.Find(spec)!.Cases;

    private static double Mean(IEnumerable<CaseScore> cases) => cases.Average(c => c.Dice);

    private static string Share(TextGain gain) => string.Create(CultureInfo.InvariantCulture, $"{100 * gain.Share.Value:0} % [{100 * gain.Share.Low:0}, {100 * gain.Share.High:0}]");

    private static string OneDecimal(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.0} [{100 * e.Low:0.0}, {100 * e.High:0.0}]");

    private static string Points(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static void AssertSaid(FormattableString words) => Assert.Contains(FormattableString.Invariant(words), string.Join(' ', Readme), StringComparison.Ordinal);

    private static void AssertRow(Predicate<string> isIt, RunSpec spec)
    {
        string[] row = Assert.Single(Readme.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ")), cells => isIt(cells[0].Trim('*')) && cells.Length == 5);
        ScoreSummary scores = ScoreSummary.Of(Cases(spec));
        Assert.Equal(new[] { scores.MeanDice, scores.MeanIoU, scores.PooledDice, scores.PooledIoU }.Select(Percent), row[1..]);
    }

    private static string Percent(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.00} [{100 * e.Low:0.00}, {100 * e.High:0.00}]");
}
