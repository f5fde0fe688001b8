using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Experiments;

/// <summary>
/// What the runs of <see cref="PaperTables.TextControls"/> tell: whether a network reads its report, and how much of
/// the report's gain is its telling where the lesion is. Shows what is there; nothing is trained or scored.
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
    private readonly string over, mixture;
    private readonly IReadOnlyList<(string Name, ScoreSummary[] Scores)> networks;
    private readonly IReadOnlyList<(string Name, TextGain Gain)> gains;

    /// <param name="scale">The scale.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public TextControlResults(Scale scale, RunStore store)
    {
        this.scale = scale;
        (ExperimentRow Row, Run Run)[] found = [
            .. PaperTables.TextControls(scale)
            .Select(row => (row, store.Find(row.Spec)!))
            .Where(pair => pair.Item2 is not null)];
        over = PatientBootstrap.Over(found.SelectMany(f => f.Run.Cases));
        mixture = Provenance.Mixture(found.Select(f => f.Run));
        networks = [.. found
            .Where(f => f.Row.AlsoScoredWith.Count > 0 && Texts.All(text => RunStore.HasScores(f.Run, text.Mode)))
            .Select(
                f =>
                    (
                        f.Row.Group == PaperTables.TextGroup ? "the report" : $"{f.Row.Group}: {f.Row.Label}",
                        Texts.Select(text => ScoreSummary.Of(RunStore.FindScores(f.Run, text.Mode)!)).ToArray()))];

        (string Name, TextMode Told, Run Run)[] told = [
            .. found.Where(f => f.Row.Group == PaperTables.TextGroup).Select(
                f => (f.Row.Label, f.Row.Spec.Text, f.Run))];
        Run? report = told.FirstOrDefault(t => t.Told == TextMode.Correct).Run, none = told.FirstOrDefault(
            t => t.Told == TextMode.Missing).Run;
        gains = report is null || none is null
            ? []
            : [.. told.Where(t => t.Told != TextMode.Missing).Select(t => (t.Name, TextGain.Of(none.Cases, t.Run.Cases, report.Cases)))];
    }

    /// <summary>Whether a network was scored with every text.</summary>
    public bool HasScores => networks.Count > 0;

    /// <summary>
    /// Whether the networks trained with the report and with none are there, and one trained with a part of it.
    /// </summary>
    public bool HasGains => gains.Count > 1;

    /// <summary>The mean Dice of each network with each text at the test.</summary>
    public Table ScoreTable(string title)
    {
        var table = new TableBuilder<(string Name, ScoreSummary[] Scores)>(networks);
        table.Words("trained with", network => network.Name);
        foreach ((int i, (TextMode _, string name)) in Texts.Index())
            table.Percent(name, network => network.Scores[i].MeanDice);
        return table.Make(
            title, $"{scale.Caption()}; text at the test; mean Dice in percent with 95 % intervals {over}.{mixture}");
    }

    /// <summary>The same as a chart.</summary>
    public Chart ScoreChart(string title) => new(title)
    {
        Subtitle = $"{scale.Caption()}; 95 % intervals {over}",
        X = new Axis("text at the test") { Categories = [.. Texts.Select(text => text.Name)] },
        Y = new Axis("mean Dice, %") { Min = 0, Max = 100 },
        Series = [
            .. networks.Select(
                network => Series.Bar(network.Name, network.Scores.Select(score => 100 * score.MeanDice.Value)) with
        {
            Low = [.. network.Scores.Select(score => 100 * score.MeanDice.Low)],
            High = [.. network.Scores.Select(score => 100 * score.MeanDice.High)],
        })],
        Width = 900,
        Height = 460,
    };

    /// <summary>
    /// What a network gains over one without text when it is trained and tested with the report or a part of it.
    /// </summary>
    public Table GainTable(string title)
    {
        var table = new TableBuilder<(string Name, TextGain Gain)>(gains);
        table.Words("trained and tested with", gain => gain.Name);
        table.Points("gain", gain => gain.Gain.Difference, "gain, points of mean Dice");
        table.Percent("share", gain => gain.Gain.Share, "0", "share of the report's gain, %");
        return table.Make(
            title,
            $"{scale.Caption()}; gain over a network trained and tested with ones; 95 % intervals {over}.{mixture}");
    }

    /// <summary>The shares of the report's gain as a chart.</summary>
    public Chart ShareChart(string title)
    {
        (string Name, Estimate Share)[] parts = [
            .. gains.Skip(1).Where(g => double.IsFinite(g.Gain.Share.Value)).Select(g => (g.Name, g.Gain.Share))];
        return new Chart(title)
        {
            Subtitle = scale.Caption() + (
                parts.Length > 0
                    ? $"; 95 % intervals {over}"
                    : "; the report gains nothing for sure, so there is no share"),
            X = new Axis("share of the whole report's gain, %"),
            Y = new Axis { Categories = [.. parts.Select(part => part.Name)] },
            Series = [
                Series.Interval(
                    "share", parts.Select(p => 100 * p.Share.Value), parts.Select(p => 100 * p.Share.Low),
                    parts.Select(p => 100 * p.Share.High)) with { ValueFormat = "0" }],
            Lines = [
                new ReferenceLine(0, "no text", Vertical: true),
                new ReferenceLine(100, "the whole report", Vertical: true)],
            Height = 280,
        };
    }
}
