using System.Globalization;
using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// The paper's tables and figures as lists of runs at any preset, and the text controls that it leaves out. What two
/// lists have in common (the preset's default run is in all of them) has one spec, so it trains once.
/// </summary>
public static class PaperTables
{
    /// <summary>The group of the text controls' networks that differ in what the text contains.</summary>
    internal const string TextGroup = "text";

    /// <summary>
    /// Table 1: the methods on X-rays and on CT, the latter beside the paper's numbers at the paper preset, where they
    /// are of MosMedData+.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Table1(Scale scale)
    {
        IReadOnlyList<QuotedScore> xray = QuotedScore.Read("table1");
        IReadOnlyList<QuotedScore> ct = scale == Scale.Paper ? QuotedScore.Read("table1", "mosmed") : [];
        return [.. from kind in new[] { ImageKind.XRay, ImageKind.CT }
                   from model in ModelCatalog.Names
                   select new ExperimentRow(
                       kind == ImageKind.XRay ? "X-ray" : "CT", model, Presets.For(scale, kind, model))
                   { Quoted = (kind == ImageKind.XRay ? xray : ct).FirstOrDefault(row => row.Key[0] == model) }];
    }

    /// <summary>
    /// Table 2: batch size 2, 4 and 8; a tenth of the preset's learning rate, that rate and ten times it, which at
    /// the presets mini and paper are the paper's 1e-4, 1e-3 and 1e-2.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Table2(Scale scale)
    {
        IReadOnlyList<QuotedScore> paper = QuotedScore.Read("table2");
        RunSpec standard = Presets.For(scale);
        TrainingSettings usual = standard.Training;
        IEnumerable<ExperimentRow> sizes = new[] { 2, 4, 8 }.Select(size => Row(
            "batch size", $"{size}", usual with { BatchSize = size }, "batch_size"));
        IEnumerable<ExperimentRow> rates = new[] { 0.1, 1, 10 }
            .Select(factor => double.Round(factor * usual.LearningRate, 12))
            .Select(rate => Row(
                "learning rate", rate.ToString("0.##e-0", CultureInfo.InvariantCulture),
                usual with { LearningRate = rate, FloorLearningRate = Math.Min(usual.FloorLearningRate, rate) },
                "learning_rate"));
        return [.. sizes, .. rates];

        ExperimentRow Row(string group, string label, TrainingSettings training, string column) =>
            new(group, label, standard with { Training = training })
            { Quoted = QuotedScore.Find(paper, column, label) };
    }

    /// <summary>
    /// Figure 3: each of the cosine loss's three weights over five values, the other two at 0.5. The phantoms, which
    /// cannot show which weight is best, have the first, the middle and the last value.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Figure3(Scale scale)
    {
        RunSpec standard = Presets.For(scale);
        double[] values = scale == Scale.Phantom ? [0.1, 0.5, 0.9] : [0.1, 0.3, 0.5, 0.7, 0.9];
        return [.. from weight in new[] { "alpha", "beta", "gamma" }
                   from value in values
                   let loss = weight switch
                   {
                       "alpha" => standard.Loss with { Alpha = value },
                       "beta" => standard.Loss with { Beta = value },
                       _ => standard.Loss with { Gamma = value },
                   }
                   let label = value.ToString(CultureInfo.InvariantCulture)
                   select new ExperimentRow(weight, label, standard with { Loss = loss })];
    }

    /// <summary>
    /// Table 3, component by component, and below it rows that are not in the paper. Rows without VLAB use the plain
    /// skip and have no alignment maps, so no cosine loss.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Table3(Scale scale)
    {
        IReadOnlyList<QuotedScore> paper = QuotedScore.Read("table3");
        RunSpec standard = Presets.For(scale);
        var network = (C2FVLSettings)standard.Model;
        const string inPaper = "in the paper", notInPaper = "not in the paper", multi = "multi scale";
        C2FVLSettings plain = network with { UseVlab = false };
        return
        [
            new(inPaper, "UNet++", Presets.For(scale, model: "UNet++"))
            { Quoted = QuotedScore.Find(paper, "UNet++ (CNN backbone)", "none", "none") },
            Row(inPaper, "C2FVL's CNN alone", plain with { UseViT = false, Text = C2FVLText.None }),
            Row(inPaper, "text on the first skip", plain with { Text = C2FVLText.FirstSkip }, quoted: "single scale"),
            Row(inPaper, "text on all skips", plain, quoted: multi),
            Row(inPaper, "all skips, VLAB, L_down", network, CosineAlignment.Down, multi, "L_down"),
            Row(inPaper, "all skips, VLAB, L_up", network, CosineAlignment.Up, multi, "L_up"),
            Row(notInPaper, "all skips, VLAB, no cosine loss", network),
            Row(notInPaper, "all skips, VLAB, cosine as released", network, CosineAlignment.Released),
            Row(notInPaper, "all skips, VLAB, L_up, no ViT", network with { UseViT = false }, CosineAlignment.Up),
        ];

        ExperimentRow Row(
            string group, string label, C2FVLSettings model, CosineAlignment cosine = CosineAlignment.None,
            string? quoted = null, string loss = "none") =>
            new(group, label, standard with { Model = model, Loss = standard.Loss with { Cosine = cosine } })
            { Quoted = quoted is null ? null : QuotedScore.Find(paper, "C2FVL", quoted, loss) };
    }

    /// <summary>
    /// The text controls. The networks differ in the text they were trained with. Those trained with correct reports
    /// are also scored without a report, with another case's, with left and right swapped, and with a wrong number or
    /// location.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> TextControls(Scale scale)
    {
        RunSpec standard = Presets.For(scale);
        return
        [
            Tested(TextGroup, "the report", standard),
            new(TextGroup, "zones, wrong number", standard with { Text = TextMode.WrongNumber }),
            new(TextGroup, "number, no zones", standard with { Text = TextMode.NumberOnly }),
            new(TextGroup, "ones", standard with { Text = TextMode.Missing }),
            Tested("text dropout", "half the reports left out", standard with { TextDropout = 0.5 }),
            Tested("augmentation", "report follows", standard with { Augmentation = Augmentation.TextConsistent }),
            Tested("augmentation", "report stays (released)", standard with { Augmentation = Augmentation.TextBlind }),
        ];

        static ExperimentRow Tested(string group, string label, RunSpec spec) => new(group, label, spec)
        { AlsoScoredWith = [.. Enum.GetValues<TextMode>().Where(text => text != TextMode.Correct)] };
    }
}

/// <summary>
/// One row of a table of experiments: what it is called and what is run for it. Rows of equal specs share one run.
/// </summary>
/// <param name="Group">What the row belongs to, such as "learning rate".</param>
/// <param name="Label">What distinguishes it from the group's other rows, such as "1e-3".</param>
/// <param name="Spec">What is run.</param>
public sealed record ExperimentRow(string Group, string Label, RunSpec Spec)
{
    /// <summary>What the row is called on its own: a number needs its group's name.</summary>
    public string Name =>
        double.TryParse(Label, CultureInfo.InvariantCulture, out double _) ? $"{Group} {Label}" : Label;

    /// <summary>The texts that the trained network's test cases are scored with besides the spec's own.</summary>
    public IReadOnlyList<TextMode> AlsoScoredWith { get; init; } = [];

    /// <summary>The paper's own numbers for this row; null if it has none.</summary>
    public QuotedScore? Quoted { get; init; }
}
