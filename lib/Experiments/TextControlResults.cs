using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;
using Microsoft.Data.Analysis;

namespace C2FVL.Experiments;

/// <summary>
/// What the runs of <see cref="PaperTables.TextControls"/> tell: whether a network reads its report, and how much of the
/// report's gain is its telling where the lesion is. Shows what is there; nothing is trained or scored.
/// </summary>
public sealed class TextControlResults
{
    private static readonly (TextMode Mode, string Name)[] Texts =
    [
        (TextMode.Correct, "correct"),
        (TextMode.Missing, "missing"),
        (TextMode.ShuffledBetweenCases, "shuffled"),
        (TextMode.Mirrored, "mirrored"),
        (TextMode.WrongNumber, "wrong number"),
        (TextMode.NumberOnly, "number only"),
    ];

    private readonly Scale scale;
    private readonly IReadOnlyList<(string Name, ScoreSummary[] Scores)> networks;
    private readonly IReadOnlyList<(string Name, TextGain Gain)> gains;

    /// <param name="scale">The scale.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public TextControlResults(Scale scale, RunStore store)
    {
        this.scale = scale;
        (ExperimentRow Row, Run Run)[] found = [.. PaperTables.TextControls(scale).Select(row => (row, store.Find(row.Spec)!)).Where(pair => pair.Item2 is not null)];
        this.networks = [.. found
            .Where(f => f.Row.AlsoScoredWith.Count > 0 && Texts.All(text => RunStore.HasScores(f.Run, text.Mode)))
            .Select(f => (f.Row.Group == PaperTables.TextGroup ? "the report" : $"{f.Row.Group}: {f.Row.Label}", Texts.Select(text => ScoreSummary.Of(RunStore.FindScores(f.Run, text.Mode)!)).ToArray()))];

        (string Name, TextMode Told, Run Run)[] told = [.. found.Where(f => f.Row.Group == PaperTables.TextGroup).Select(f => (f.Row.Label, f.Row.Spec.Text, f.Run))];
        Run? report = told.FirstOrDefault(t => t.Told == TextMode.Correct).Run, none = told.FirstOrDefault(t => t.Told == TextMode.Missing).Run;
        this.gains = report is null || none is null ? [] : [.. told.Where(t => t.Told != TextMode.Missing).Select(t => (t.Name, TextGain.Of(none.Cases, t.Run.Cases, report.Cases)))];
    }

    /// <summary>Whether a network was scored with every text.</summary>
    public bool HasScores => this.networks.Count > 0;

    /// <summary>Whether the networks trained with the report and with none are there, and one trained with a part of it.</summary>
    public bool HasGains => this.gains.Count > 1;

    /// <summary>The mean Dice of each network with each text at the test.</summary>
    public Table ScoreTable(string title)
    {
        var data = new List<DataFrameColumn> { new StringDataFrameColumn("trained with", this.networks.Select(network => network.Name)) };
        var shown = new List<TableColumn> { new("trained with") };
        for (int i = 0; i < Texts.Length; i++)
        {
            (string name, string low, string high) = (Texts[i].Name, $"{Texts[i].Name} low", $"{Texts[i].Name} high");
            Estimate[] dice = [.. this.networks.Select(network => network.Scores[i].MeanDice)];
            data.AddRange([Column(name, dice, d => d.Value), Column(low, dice, d => d.Low), Column(high, dice, d => d.High)]);
            shown.Add(new TableColumn(name) { Format = "0.0", Interval = (low, high) });
        }

        return new Table(title, new DataFrame(data)) { Columns = shown, Caption = $"{this.scale.Caption()}; text at the test; mean Dice in percent with 95 % intervals over patients." };
    }

    /// <summary>The same as a chart.</summary>
    public Chart ScoreChart(string title) => new(title)
    {
        Subtitle = this.scale.Caption() + "; 95 % intervals over patients",
        X = new Axis("text at the test") { Categories = [.. Texts.Select(text => text.Name)] },
        Y = new Axis("mean Dice, %") { Min = 0, Max = 100 },
        Series = [.. this.networks.Select(network => Series.Bar(network.Name, network.Scores.Select(score => 100 * score.MeanDice.Value)) with
        {
            Low = [.. network.Scores.Select(score => 100 * score.MeanDice.Low)],
            High = [.. network.Scores.Select(score => 100 * score.MeanDice.High)],
        })],
        Width = 900,
        Height = 460,
    };

    /// <summary>What a network gains over one without text when it is trained and tested with the report or a part of it.</summary>
    public Table GainTable(string title)
    {
        Estimate[] gain = [.. this.gains.Select(g => g.Gain.Difference)], share = [.. this.gains.Select(g => g.Gain.Share)];
        return new Table(title, new DataFrame(
            new StringDataFrameColumn("trained and tested with", this.gains.Select(g => g.Name)),
            Column("gain", gain, d => d.Value),
            Column("gain low", gain, d => d.Low),
            Column("gain high", gain, d => d.High),
            Column("share", share, d => d.Value),
            Column("share low", share, d => d.Low),
            Column("share high", share, d => d.High)))
        {
            Columns =
            [
                new("trained and tested with"),
                new("gain") { Header = "gain, points of mean Dice", Format = "+0.0;-0.0;0.0", Interval = ("gain low", "gain high") },
                new("share") { Header = "share of the report's gain, %", Format = "0", Interval = ("share low", "share high") },
            ],
            Caption = $"{this.scale.Caption()}; gain over a network trained and tested with ones; 95 % intervals over patients.",
        };
    }

    /// <summary>The shares of the report's gain as a chart.</summary>
    public Chart ShareChart(string title)
    {
        (string Name, Estimate Share)[] parts = [.. this.gains.Skip(1).Where(g => double.IsFinite(g.Gain.Share.Value)).Select(g => (g.Name, g.Gain.Share))];
        return new Chart(title)
        {
            Subtitle = this.scale.Caption() + (parts.Length > 0 ? "; 95 % intervals over patients" : "; the report gains nothing for sure, so there is no share"),
            X = new Axis("share of the whole report's gain, %"),
            Y = new Axis { Categories = [.. parts.Select(part => part.Name)] },
            Series = [Series.Interval("share", parts.Select(p => 100 * p.Share.Value), parts.Select(p => 100 * p.Share.Low), parts.Select(p => 100 * p.Share.High)) with { ValueFormat = "0" }],
            Lines = [new ReferenceLine(0, "no text", Vertical: true), new ReferenceLine(100, "the whole report", Vertical: true)],
            Height = 280,
        };
    }

    private static DoubleDataFrameColumn Column(string name, Estimate[] estimates, Func<Estimate, double> pick) =>
        new(name, estimates.Select(estimate => (double?)(100 * pick(estimate))));
}
