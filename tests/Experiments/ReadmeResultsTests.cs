using System.Globalization;
using System.Text.RegularExpressions;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Training;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Fitting;
using C2FVL.Workbook.Sweeps;
using MathNet.Numerics.Statistics;

namespace C2FVL.Tests.Experiments;

/// <summary>The numbers in data/results/README.md and README.md are those of the tracked results.</summary>
public sealed class ReadmeResultsTests
{
    private static readonly string Front = File.ReadAllText(Path.Combine(SharedData.Repository, "README.md"));

    private static readonly string[] Page =
        File.ReadAllLines(Path.Combine(SharedData.Repository, "data", "results", "README.md"));

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
    public void TheRowAtThePapersResolutionIsTheTrackedRuns()
    {
        RunSpec full = Presets.For(Scale.Full);
        AssertRow(row => row == "C2FVL at 224 x 224", full);
        RunSpec silent = full with { Text = TextMode.Missing };
        AssertRow(row => row == "UNet at 224 x 224", Presets.For(Scale.Full, model: "UNet"));
        AssertRow(row => row == "C2FVL without text at 224 x 224", silent);
        string gain = OneDecimal(PairedComparison.Of(Cases(silent), Cases(full)).MeanDiceDifference);
        Assert.Contains($"- The report raises the mean Dice by {gain} points.", string.Join('\n', Page), StringComparison.Ordinal);
        Assert.Contains(
            $"it raises the mean Dice by {Points(SeedMean(Standard) - SeedMean(Standard with { Text = TextMode.Missing }))} points at mini and "
                + $"{Points(Mean(Cases(full)) - Mean(Cases(silent)))} at full.",
            Front, StringComparison.Ordinal);
        ScoreSummary[] three = [.. new[] { full, silent, Presets.For(Scale.Full, model: "UNet") }.Select(spec => ScoreSummary.Of(Cases(spec)))];
        string Pixels(Func<ScoreSummary, Estimate> value, int i) => value(three[i]).Value.ToString("0.0", CultureInfo.InvariantCulture);
        Assert.Contains(
            $"- HD95 is {Pixels(s => s.MeanHd95, 0)} pixels for C2FVL, {Pixels(s => s.MeanHd95, 1)} for C2FVL without text and "
                + $"{Pixels(s => s.MeanHd95, 2)} for UNet; ASSD is {Pixels(s => s.MeanAssd, 0)}, {Pixels(s => s.MeanAssd, 1)} and {Pixels(s => s.MeanAssd, 2)}.",
            string.Join(' ', Page),
            StringComparison.Ordinal);
        Assert.Contains($"C2FVL's precision is {Points(three[0].MeanPrecision.Value)} and its sensitivity {Points(three[0].MeanSensitivity.Value)}.", string.Join(' ', Page), StringComparison.Ordinal);
        Run run = Store.Find(full)!;
        string[] dice = [.. run.History.Select(epoch => Points(epoch.ValMeanDice))];
        Assert.Contains(
            $"The validation Dice after each epoch was {string.Join(", ", dice[..^1])} and {dice[^1]}.",
            string.Join(' ', Page),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheSecondCycleIsTheTrackedRun()
    {
        Run run = Assert.Single(Store.Tracked(Scale.Full), run => run.Spec.From is not null);
        AssertRow(row => row == "C2FVL at 224 x 224, second cycle", run.Spec);
        string[] dice = [.. run.History.Select(epoch => Points(epoch.ValMeanDice))];
        Assert.Contains($"Its validation Dice was {string.Join(", ", dice[..^1])} and {dice[^1]}.", string.Join(' ', Page), StringComparison.Ordinal);
    }

    [Fact]
    public void TheLongRunsAreTheTrackedOnes()
    {
        Run[] runs = [.. new[] { Scale.Full, Scale.Paper }.SelectMany(Store.Tracked).Where(run => run.Spec.Training.Epochs == 24)];
        Assert.Equal([32, 64], runs.Select(run => ((C2FVLSettings)run.Spec.Model).Width));
        AssertRow(row => row == "C2FVL at 224 x 224, 24 epochs", runs[0].Spec);
        AssertRow(row => row == "C2FVL at 224 x 224, 24 epochs, width 64", runs[1].Spec);
        foreach ((string label, Run run) in new[] { "24 epochs", "24 epochs, published width" }.Zip(runs))
            Assert.Contains($"| C2FVL, {label} | {OneDecimal(ScoreSummary.Of(run.Cases).MeanDice)} | |", Front, StringComparison.Ordinal);
        string Minus(Run run, IReadOnlyList<CaseScore> other) => OneDecimal(PairedComparison.Of(other, run.Cases).MeanDiceDifference);
        Assert.Contains(
            $"They gain {Minus(runs[0], Cases(Presets.For(Scale.Full)))} points over six epochs. The published width gains {Minus(runs[1], runs[0].Cases)} points over half of it.",
            string.Join(' ', Page), StringComparison.Ordinal);
        string[][] dice = [.. runs.Select(run => run.History.Select(epoch => Points(epoch.ValMeanDice)).ToArray())];
        double[] late = [.. runs.SelectMany(run => run.History.Skip(14)).Select(epoch => epoch.ValMeanDice)];
        int[] best = [.. runs.Select(run => run.History.MaxBy(epoch => epoch.ValMeanDice)!.Epoch)];
        Assert.Contains(
            $"From epoch 15 on their validation Dice lies between {Points(late.Min())} and {Points(late.Max())}; the best epochs are {best[0]} and {best[1]}.",
            string.Join(' ', Page), StringComparison.Ordinal);
        Assert.Equal(runs[0].Spec.Portable, RunSpec.FromWeights(Path.Combine(SharedData.Repository, "data", "weights", "c2fvl-full.safetensors"))!.Portable);
    }

    [Fact]
    public void TheCardOfTheWeightsHasTheScoresOfTheirTrackedRuns()
    {
        string folder = Path.Combine(SharedData.Repository, "data", "weights");
        string[] card = File.ReadAllLines(Path.Combine(folder, "README.md")), files = Directory.GetFiles(folder, "*.safetensors");
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, 30_000_000);
        foreach (string file in files)
        {
            RunSpec spec = RunSpec.FromWeights(file)!;
            ScoreSummary scores = ScoreSummary.Of(Cases(spec));
            string row = Assert.Single(card, line => line.StartsWith($"| `{Path.GetFileName(file)}` |", StringComparison.Ordinal));
            Assert.Contains($" {spec.Model.ImageSize} x {spec.Model.ImageSize} | {Percent(scores.MeanDice)} | {Percent(scores.PooledDice)} |", row);
        }
    }

    [Fact]
    public void TheGainsOfPartsOfTheTextAreTheTrackedRuns()
    {
        IReadOnlyList<CaseScore> report = Cases(Standard), ones = Cases(Standard with { Text = TextMode.Missing });
        TextGain Gain(TextMode part) => TextGain.Of(ones, Cases(Standard with { Text = part }), report);
        string gain = string.Create(CultureInfo.InvariantCulture, $"{100 * (Mean(report) - Mean(ones)):0.0} points");
        Assert.Contains($"| text in training and testing | share of the gain of {gain} |", Page);
        AssertRow("zones, wrong number", Share(Gain(TextMode.WrongNumber)));
        AssertRow("right number, no zones", Share(Gain(TextMode.NumberOnly)));
        Assert.Contains("Zones with wrong numbers keep nearly all of it; numbers without zones keep little.", Front, StringComparison.Ordinal);
        Assert.True(Gain(TextMode.WrongNumber).Share.Low > 0.95 && Gain(TextMode.NumberOnly).Share.High < 0.25);
    }

    [Fact]
    public void TheScoresUnderOtherTextsAreTheTrackedRuns()
    {
        Run run = Store.Find(Standard)!, dropout = Store.Find(Standard with { TextDropout = 0.5 })!;
        IReadOnlyList<CaseScore> mirrored = Under(TextMode.Mirrored);
        (string Label, IReadOnlyList<CaseScore> Cases)[] rows =
        [
            ("right report", run.Cases), ("zones, wrong number", Under(TextMode.WrongNumber)), ("mirrored", mirrored),
            ("right number, no zones", Under(TextMode.NumberOnly)), ("missing (ones)", Under(TextMode.Missing)),
            ("another case's", Under(TextMode.ShuffledBetweenCases)),
        ];
        IReadOnlyList<CaseScore> Under(TextMode text) => RunStore.FindScores(run, text)!;
        int[] changed = [.. Enumerable.Range(0, run.Cases.Count).Where(i => (run.Cases[i].Predicted, run.Cases[i].Intersection) != (mirrored[i].Predicted, mirrored[i].Intersection))];
        Assert.Contains($"| report given at test time | mean Dice | mean Dice of the {changed.Length} images that mirroring changes |", Page);
        foreach ((string label, IReadOnlyList<CaseScore> cases) in rows)
            AssertRow(label, Points(Mean(cases)), Points(changed.Average(i => cases[i].Dice)));
        AssertRow("right report", Points(Mean(dropout.Cases)));
        AssertRow("missing (ones)", Points(Mean(RunStore.FindScores(dropout, TextMode.Missing)!)));
        AssertRow(
            "the report moves with the image",
            Points(Mean(Cases(Standard with { Augmentation = Augmentation.TextConsistent }))));
        AssertRow(
            "the report stays, as in the released code",
            Points(Mean(Cases(Standard with { Augmentation = Augmentation.TextBlind }))));
    }

    [Fact]
    public void TheAblationIsTheTrackedRuns()
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.Table3(Scale.Mini);
        string[] labels = ["text on all skips", "all skips, VLAB, no cosine loss", "all skips, VLAB, L_up", "all skips, VLAB, L_up, no ViT"];
        foreach (ExperimentRow row in labels.Select(label => rows.Single(row => row.Label == label)))
            AssertRow(row.Label, OneDecimal(ScoreSummary.Of(Cases(row.Spec)).MeanDice), row.Quoted?.Dice.ToString("0.00", CultureInfo.InvariantCulture) ?? "");
        double[] dice = [.. labels.Select(label => SeedMean(rows.Single(row => row.Label == label).Spec))];
        Assert.Contains(
            $"C2FVL reached {Points(dice[0])} with neither, and {Points(dice[2])} with both",
            Front,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheHyperParametersAreTheTrackedRuns()
    {
        string[] rows = [.. PaperTables.Table2(Scale.Mini).Select(row => Points(Mean(Cases(row.Spec))))];
        string[] labels =
        [
            "batch size 2", "batch size 4", "batch size 8", "learning rate 1e-4", "learning rate 1e-3", "learning rate 1e-2",
        ];
        Assert.Equal(labels.Length, rows.Length);
        foreach ((string label, string dice) in labels.Zip(rows))
            AssertRow(label, dice);

        RunSpec[] settings = [.. PaperTables.Figure3(Scale.Mini).Select(row => row.Spec).DistinctBy(spec => spec.Name)];
        double[] found = [.. settings.Where(spec => spec != Standard).Select(Store.Find).OfType<Run>().Select(run => Mean(run.Cases))];
        Assert.Equal(settings.Length - 1, found.Length);
        string said = $"We ran all {settings.Length} settings. The twelve beside the default lie between {Points(found.Min())} and {Points(found.Max())}.";
        Assert.Contains(said, string.Join(' ', Page), StringComparison.Ordinal);
    }

    /// <summary>The best validation Dice of each method whose runs with all rates are tracked.</summary>
    [Fact]
    public void TheRatesAreThoseOfTheTrackedRuns()
    {
        var methods = SweepLists.Rates(Scale.Mini).GroupBy(row => row.Spec.Model.Name)
            .Select(rows => (Name: rows.Key, Runs: rows.Select(row => Store.Find(row.Spec)).ToArray()))
            .Where(method => method.Runs.All(run => run is not null)).ToArray();
        Assert.Contains("UNet", methods.Select(method => method.Name));
        string[] table = TableUnder("## One rate for each method");
        Assert.Equal(methods.Length, table.Length);
        foreach (((string name, Run?[] runs), string row) in methods.Zip(table))
        {
            Assert.StartsWith($"| {name} (", row);
            Assert.Equal(Presets.For(Scale.Mini, model: name).Training.LearningRate, runs.MaxBy(run => run!.History.Max(epoch => epoch.ValMeanDice))!.Spec.Training.LearningRate);
            Assert.EndsWith("| " + string.Join(" | ", runs.Select(run => Points(run!.History.Max(epoch => epoch.ValMeanDice)))) + " |", row);
        }
    }

    /// <summary>Three times the epochs for the two low rows of Table 1.</summary>
    [Fact]
    public void TheRunsOfThirtyEpochsAreTheTrackedOnes()
    {
        foreach (string model in new[] { "Swin-UNet", "nnUNet" })
        {
            Run run = Assert.Single(Store.Tracked(Scale.Mini), run => run.Spec.Model.Name == model && run.Spec.Training.Epochs == 30);
            Assert.Contains($"With 30 epochs {model} scores {OneDecimal(ScoreSummary.Of(run.Cases).MeanDice)}", string.Join(' ', Page), StringComparison.Ordinal);
        }
    }

    /// <summary>The settings that more than one seed has, in the order of the sweep.</summary>
    [Fact]
    public void TheSeedsAreThoseOfTheTrackedRuns()
    {
        Assert.Equal(
            from rows in SweepLists.Repeated(Scale.Mini).GroupBy(row => row.Group)
            let runs = rows.Select(row => Store.Find(row.Spec)).ToArray()
            let dice = runs.OfType<Run>().Select(run => 100 * Mean(run.Cases)).ToArray()
            where dice.Length > 1
            let each = runs.Select(run => run is null ? "" : Points(Mean(run.Cases)))
            let spread = string.Create(CultureInfo.InvariantCulture, $"{dice.Average():0.0} ± {dice.StandardDeviation():0.0}")
            select $"| {rows.Key} | {string.Join(" | ", each)} | {spread} |".Replace("|  |", "| |", StringComparison.Ordinal),
            TableUnder("## Three seeds"));
    }

    /// <summary>What the claims rest on, seed by seed.</summary>
    [Fact]
    public void TheDifferencesBySeedAreThoseOfTheTrackedRuns()
    {
        ILookup<string, ExperimentRow> runs = SweepLists.Repeated(Scale.Mini).ToLookup(row => row.Group);
        double[] Dice(string setting) => [.. runs[setting].Select(row => Mean(Cases(row.Spec)))];
        string[] others = ["C2FVL without text", "C2FVL without the cosine loss", "C2FVL's text on all skips alone", "UNet", "GLoRIA"];
        Assert.Equal(
            others.Select(other => $"| {other} | {string.Join(" | ", Dice("C2FVL").Zip(Dice(other), (whole, part) => Points(whole - part)))} |"),
            TableUnder("### C2FVL minus another setting"));
    }

    [Fact]
    public void WhatBFloat16CostsIsOfTheTrackedRuns()
    {
        RunSpec half = Standard with { Training = Standard.Training with { Precision = Precision.BFloat16 } };
        Assert.Contains(
            $"C2FVL scored {Points(Mean(Cases(half)))} with them in the earlier version, where 32 bits scored 79.8. In this version "
                + $"32 bits score {Points(Mean(Cases(Standard)))}.",
            string.Join(' ', Page), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSlicesScoresAreTheTrackedRuns()
    {
        RunSpec slices = Presets.For(Scale.Mini, ImageKind.CT), silent = slices with { Text = TextMode.Missing };
        RunSpec unet = Presets.For(Scale.Mini, ImageKind.CT, "UNet"), gloria = Presets.For(Scale.Mini, ImageKind.CT, "GLoRIA");
        (string, RunSpec)[] rows = [("UNet", unet), ("GLoRIA", gloria), ("C2FVL without text", silent), ("C2FVL", slices)];
        Assert.Equal(
            from row in rows
            let dice = Seeds(row.Item2).Select(run => Mean(run.Cases)).ToArray()
            select $"| {row.Item1} | {OneDecimal(OverSeeds(row.Item2).MeanDice)} | {string.Join(" | ", dice.Select(Points))} | {Points(dice.StandardDeviation())} |",
            TableUnder("## CT"));
        string Minus(RunSpec other) => OneDecimal(
            PairedComparison.OfRuns([.. Seeds(other).Select(run => run.Cases)], [.. Seeds(slices).Select(run => run.Cases)]).MeanDiceDifference);
        Assert.Contains(
            $"C2FVL minus C2FVL without text: {Minus(silent)}; C2FVL minus UNet: {Minus(unet)}; C2FVL minus GLoRIA: {Minus(gloria)}.",
            string.Join(' ', Page),
            StringComparison.Ordinal);
        string[] order = [.. Comparison.Find(Store, Scale.Mini, ImageKind.CT).Methods.OrderByDescending(m => m.Scores.MeanDice.Value).Select(m => m.Name)];
        Assert.Equal(7, Array.IndexOf(order, "C2FVL"));
        (string Name, double Dice)[] first = [.. ModelCatalog.Names.Select(name => (name, Mean(Cases(Presets.For(Scale.Mini, ImageKind.CT, name)))))];
        Assert.Equal(4, Array.IndexOf([.. first.OrderByDescending(method => method.Dice).Select(method => method.Name)], "C2FVL"));
        Assert.Equal(7, ModelCatalog.Names.Count(name => Seeds(Presets.For(Scale.Mini, ImageKind.CT, name)).Length == 1));
        Assert.Contains(
            "C2FVL is eighth of the ten methods. With seed 666 alone, which is all that seven of them have, it is fifth.",
            string.Join(' ', Page), StringComparison.Ordinal);
    }

    [Fact]
    public void TheCamMeasuresAreTheTrackedOnes()
    {
        RunSpec[] specs = [.. CamStudy.Runs(Scale.Mini).Select(run => run.Spec)];
        string[] labels = ["C2FVL", "C2FVL without the cosine loss", "UNet"];
        foreach ((string label, RunSpec spec) in labels.Zip(specs))
        {
            CamSummary run = CamSummary.Of(CamStudy.FindScores(Store, spec)!);
            string row = $"| {label} | {Points(run.Energy[0].Value)} | {Points(run.Energy[^1].Value)} "
                + $"| {Points(Mean(Cases(spec)))} |";
            Assert.Contains(row, Page);
        }

        RunSpec large = Presets.For(Scale.Full), longer = Store.Tracked(Scale.Full).Single(run => run.Spec.Training.Epochs == 24).Spec;
        string[][] energy = [.. new[] { large, longer }.Select(spec => CamSummary.Of(CamStudy.FindScores(Store, spec)!).Energy.Select(layer => Points(layer.Value)).ToArray())];
        Assert.Contains($"| C2FVL at full | {energy[0][0]} | {energy[0][^1]} | {Points(Mean(Cases(large)))} |", Page);
        Assert.Contains($"| C2FVL at full, 24 epochs | {energy[1][0]} | {energy[1][^1]} | {Points(Mean(Cases(longer)))} |", Page);
        Assert.Contains(
            $"At full the share does not rise from layer to layer: CNN3 has {energy[0][1]} % and CNN2 {energy[0][2]} %. "
                + $"After 24 epochs they have {energy[1][1]} % and {energy[1][2]} %.",
            Page);

        string OnNamedSide(RunSpec spec) => Points(CamSummary.Of(CamStudy.FindScores(Store, spec, TextMode.Mirrored)!).OnNamedSide[^1].Value);
        Assert.Contains(
            $"on one-sided cases, {OnNamedSide(Standard)} % of its energy stays on the lesion's side at mini, {OnNamedSide(large)} % at full, "
                + $"and {OnNamedSide(longer)} % at full after 24 epochs.",
            string.Join(' ', Page),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheAgreementOfWrittenReportsIsTheTrackedOne()
    {
        string file = Path.Combine(SharedData.Repository, "data", "results", "mini", "mask-reporter.csv");
        ReportAgreement[] rows = [.. ReportAgreement.Read(file).Where(row => row.Method == "MaskReporter")];
        Assert.Equal(4, rows.Length);
        foreach (ReportAgreement row in rows)
            AssertRow(row.What, (100 * row.Share).ToString("0.00", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void TheFirstPageIsShortAndItsLinksLead()
    {
        IEnumerable<string> words = Front.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.Any(char.IsLetterOrDigit));
        Assert.InRange(words.Count(), 1, 900);
        foreach (Match link in Regex.Matches(Front, @"\]\((?!https?:)([^)#]+)\)"))
            Assert.True(Path.Exists(Path.Combine(SharedData.Repository, link.Groups[1].Value)), link.Value);

        string map = Front[Front.IndexOf("## Map", StringComparison.Ordinal)..Front.IndexOf("Follow one image", StringComparison.Ordinal)];
        string[] folders = [.. map.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|')[1].Trim(' ', '`'))];
        Assert.Equal(6, folders.Length);
        Assert.All(folders, folder => Assert.True(Directory.Exists(Path.Combine(SharedData.Repository, folder)), folder));
    }

    [Fact]
    public void TheFirstPageHasTheSameRuns()
    {
        string Of(RunSpec spec) => OneDecimal(OverSeeds(spec).MeanDice);

        (string Label, string Model, TextMode Text)[] rows =
        [
            ("C2FVL", "C2FVL", TextMode.Correct), ("C2FVL without text", "C2FVL", TextMode.Missing),
            ("UNet", "UNet", TextMode.Correct), ("GLoRIA, the best other", "GLoRIA", TextMode.Correct),
        ];
        IReadOnlyList<QuotedScore> quoted = QuotedScore.Read("table1");
        foreach ((string label, string model, TextMode text) in rows)
        {
            string paper = text == TextMode.Missing ? "" : QuotedDice(model);
            string mini = Of(TrackedSpec(Presets.For(Scale.Mini, model: model) with { Text = text }));
            string full = Store.Find(Presets.For(Scale.Full, model: model) with { Text = text }) is Run run
                ? OneDecimal(ScoreSummary.Of(run.Cases).MeanDice) : "\u2013"; // not trained yet
            Assert.Contains(
                $"| {label} | {full} | {mini} | {paper} |".Replace("  ", " "), Front, StringComparison.Ordinal);
        }

        string QuotedDice(string name) =>
            quoted.Single(row => row.Key[0] == name).Dice.ToString("0.00", CultureInfo.InvariantCulture);

        string best = ModelCatalog.Names.Where(name => name != "C2FVL")
            .MaxBy(name => Mean(Cases(TrackedSpec(Presets.For(Scale.Mini, model: name)))))!;
        Assert.Equal("GLoRIA", best);
        double lead = SeedMean(Standard) - SeedMean(Presets.For(Scale.Mini, model: best));
        Assert.Contains($"{Points(lead)} points above our GLoRIA", Front, StringComparison.Ordinal);
    }

    /// <summary>The preset, or while it has no tracked run the one spec that has: that of the method's first form.</summary>
    private static RunSpec TrackedSpec(RunSpec preset) => Store.Find(preset) is not null ? preset : Store.Tracked(Scale.Mini)
        .Select(run => run.Spec)
        .Single(spec => spec.Model.Name == preset.Model.Name && spec.Data == preset.Data && spec.Seed == preset.Seed && spec.Text == preset.Text);

    private static IReadOnlyList<CaseScore> Cases(RunSpec spec) => Store.Find(spec)!.Cases;

    /// <summary>The scores over the test cases of all seeds that are tracked, as notebook 04 pools them.</summary>
    private static ScoreSummary OverSeeds(RunSpec spec) => ScoreSummary.Of([.. Seeds(spec).SelectMany(run => run.Cases)]);

    private static double SeedMean(RunSpec spec) => OverSeeds(spec).MeanDice.Value;

    private static Run[] Seeds(RunSpec spec) => [.. Presets.Seeds.Select(seed => Store.Find(spec with { Seed = seed })).OfType<Run>()];

    private static double Mean(IEnumerable<CaseScore> cases) => cases.Average(c => c.Dice);

    private static string Share(TextGain gain) => string.Create(CultureInfo.InvariantCulture, $"{100 * gain.Share.Value:0} % [{100 * gain.Share.Low:0}, {100 * gain.Share.High:0}]");

    private static string OneDecimal(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.0} [{100 * e.Low:0.0}, {100 * e.High:0.0}]");

    private static string Points(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>One row of the page has this label and as many values, and they are these.</summary>
    private static void AssertRow(string label, params string[] values) => Assert.Equal(
        $"| {label} | {string.Join(" | ", values)} |".Replace("|  |", "| |", StringComparison.Ordinal),
        Assert.Single(Page, line => line.StartsWith($"| {label} |", StringComparison.Ordinal) && line.Count(c => c == '|') == values.Length + 2));

    /// <summary>The rows of the first table under a heading of the page.</summary>
    private static string[] TableUnder(string heading) => [.. Page.SkipWhile(line => line != heading)
        .SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).Skip(2)];

    private static void AssertRow(Predicate<string> isIt, RunSpec spec)
    {
        string[] row = Assert.Single(Page.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ")), cells => isIt(cells[0].Trim('*')) && cells.Length == 5 && cells[1].EndsWith(']'));
        ScoreSummary scores = OverSeeds(spec);
        Assert.Equal(new[] { scores.MeanDice, scores.MeanIoU, scores.PooledDice, scores.PooledIoU }.Select(Percent), row[1..]);
    }

    private static string Percent(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.00} [{100 * e.Low:0.00}, {100 * e.High:0.00}]");
}
