using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>The scores of a list of runs beside the paper's own numbers, as far as the runs are there.</summary>
public static class ScoreTable
{
    /// <summary>A row an experiment, percent with 95 % intervals; rows without a run are shown without numbers.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="rows">The experiments, all of one scale.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public static Table Of(string title, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        (ExperimentRow Row, Run? Run, ScoreSummary? Scores)[] all = [.. rows.Select(row => (row, store.Find(row.Spec))).Select(found => (found.row, found.Item2, found.Item2 is Run run ? ScoreSummary.Of(run.Cases) : null))];
        Run[] runs = [.. all.Select(row => row.Run).OfType<Run>()];

        var table = new TableBuilder<(ExperimentRow Row, Run? Run, ScoreSummary? Scores)>(all);
        table.Words("group", row => row.Row.Group, header: "");
        table.Words("setting", row => row.Row.Label, header: "");
        table.Percent("mean Dice", row => row.Scores?.MeanDice);
        table.Percent("mean IoU", row => row.Scores?.MeanIoU);
        table.Percent("pooled Dice", row => row.Scores?.PooledDice);
        bool hasDistances = all.Any(row => row.Scores?.CasesWithDistances > 0);
        if (hasDistances)
        {
            table.Interval("HD95", "0.0", row => row.Scores?.MeanHd95, "HD95, pixels");
            table.Interval("ASSD", "0.00", row => row.Scores?.MeanAssd, "ASSD, pixels");
            table.Numbers("images with distances", "0", row => row.Scores?.CasesWithDistances);
        }

        if (all.Any(row => row.Scores?.SecondsPerCase > 0))
            table.Numbers("seconds per case", "0.000", row => row.Scores?.SecondsPerCase);
        if (rows.Any(row => row.Quoted is not null))
        {
            table.Quoted("paper's mean Dice", row => row.Row.Quoted?.Dice);
            table.Quoted("paper's mean IoU", row => row.Row.Quoted?.IoU);
        }

        string over = PatientBootstrap.Over(runs.GroupBy(run => run.Spec.Data.Set).Select(own => (own.Key, own.SelectMany(run => run.Cases))));
        return table.Make(title, $"{rows[0].Spec.Caption()}; percent with 95 % intervals {over}; {(runs.Length == rows.Count ? $"all {runs.Length}" : $"{runs.Length} of {rows.Count}")} rows have their run here.{(hasDistances ? " " + ComparisonTables.DistanceRule : "")}{Provenance.Mixture(runs)}");
    }
}
