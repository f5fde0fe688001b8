using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Experiments;

/// <summary>
/// What the runs of <see cref="PaperTables.TextControls"/> show: whether a network reads its report, and how much of
/// the report's gain comes from the location of the lesion. It shows existing results; nothing is trained or scored.
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

    /// <param name="scale">The preset.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public TextControlResults(Scale scale, RunStore store)
    {
        this.scale = scale;
        (ExperimentRow Row, Run Run)[] found = [
            .. from row in PaperTables.TextControls(scale)
               let run = store.Find(row.Spec)
               where run is not null
               select (row, run!)];
        over = PatientBootstrap.Over(found.SelectMany(f => f.Run.Cases));
        mixture = Provenance.Mixture(found.Select(f => f.Run));
        networks = [
            .. from f in found
               where f.Row.AlsoScoredWith.Count > 0 && Texts.All(text => RunStore.HasScores(f.Run, text.Mode))
               let name = f.Row.Group == PaperTables.TextGroup ? "correct reports" : $"{f.Row.Group}: {f.Row.Label}"
               select (name, Texts.Select(t => ScoreSummary.Of(RunStore.FindScores(f.Run, t.Mode)!)).ToArray())];

        var told = found.Where(f => f.Row.Group == PaperTables.TextGroup).ToLookup(f => f.Row.Spec.Text);
        Run? report = told[TextMode.Correct].FirstOrDefault().Run, none = told[TextMode.Missing].FirstOrDefault().Run;
        gains = report is null || none is null ? [] : [
            .. found.Where(f => f.Row.Group == PaperTables.TextGroup && f.Row.Spec.Text != TextMode.Missing)
                .Select(f => (f.Row.Label, TextGain.Of(none.Cases, f.Run.Cases, report.Cases)))];
    }

    /// <summary>The mean Dice of each network with each report at test time.</summary>
    public Table ScoreTable(string title)
    {
        var table = new TableBuilder<(string Name, ScoreSummary[] Scores)>(networks);
        table.Words("trained with", network => network.Name);
        foreach ((int i, (TextMode _, string name)) in Texts.Index())
            table.Percent(name, network => network.Scores[i].MeanDice);
        return table.Make(
            title,
            $"{scale.Caption()}; report given at test time; mean Dice in percent with 95 % intervals {over}.{mixture}");
    }

    /// <summary>The same as a chart.</summary>
    public Chart ScoreChart(string title) => new(title)
    {
        Subtitle = $"{scale.Caption()}; colours: training; 95 % intervals {over}",
        X = new Axis("report given at test time") { Categories = [.. Texts.Select(text => text.Name)] },
        Y = new Axis("mean Dice, %") { Min = 0, Max = 100 },
        Series = [.. networks.Select(network => Series.Bar(
            network.Name, network.Scores.Select(score => score.MeanDice.Percent)))],
        Width = 900,
        Height = 460,
    };

    /// <summary>
    /// What a network gains over one without text when it is trained and tested with the report or a part of it.
    /// </summary>
    public Table GainTable(string title) => new TableBuilder<(string Name, TextGain Gain)>(gains)
        .Words("trained and tested with", gain => gain.Name)
        .Points("gain", gain => gain.Gain.Difference, "gain, points of mean Dice")
        .Percent("share", gain => gain.Gain.Share, "0", "share of the report's gain, %")
        .Make(
            title,
            $"{scale.Caption()}; gain over a network trained and tested with ones; 95 % intervals {over}.{mixture}");

    /// <summary>The shares of the report's gain as a chart.</summary>
    public Chart ShareChart(string title)
    {
        (string Name, Estimate Share)[] parts = [
            .. gains.Skip(1).Where(g => double.IsFinite(g.Gain.Share.Value)).Select(g => (g.Name, g.Gain.Share))];
        return new Chart(title)
        {
            Subtitle = $"{scale.Caption()}; "
                + (parts.Length > 0 ? $"95 % intervals {over}" : "the report's gain may be zero, so there is no share"),
            X = new Axis("share of the whole report's gain, %"),
            Y = new Axis { Categories = [.. parts.Select(part => part.Name)] },
            Series = [
                Series.Interval("share", parts.Select(part => part.Share.Percent)) with { ValueFormat = "0;-0;0" }],
            Lines = [
                new ReferenceLine(0, "no report", Vertical: true),
                new ReferenceLine(100, "the whole report", Vertical: true)],
            Height = 280,
        };
    }
}
