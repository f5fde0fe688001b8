using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>The scores of a list of runs beside the paper's own numbers, as far as the runs are there.</summary>
public static class ScoreTable
{
    /// <summary>What a caption says of distances.</summary>
    public const string DistanceRule =
        "HD95 and ASSD: mean over the images in which neither mask is empty, in pixels at the scored size. Smaller is "
            + "better. Compare only rows of the same image size.";

    /// <summary>
    /// One row per experiment, percent with 95 % intervals; rows without a run are shown without numbers.
    /// </summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="rows">The experiments, all of one preset.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public static Table Of(string title, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        (ExperimentRow Row, Run? Run, ScoreSummary? Scores)[] all = [
            .. from row in rows
               let run = store.Find(row.Spec)
               select (row, run, run is null ? null : ScoreSummary.Of(run.Cases))];
        Run[] runs = [.. all.Select(row => row.Run).OfType<Run>()];

        var table = new TableBuilder<(ExperimentRow Row, Run? Run, ScoreSummary? Scores)>(all)
            .Words("group", row => row.Row.Group, header: "")
            .Words("setting", row => row.Row.Label, header: "")
            .Percent("mean Dice", row => row.Scores?.MeanDice)
            .Percent("mean IoU", row => row.Scores?.MeanIoU)
            .Percent("pooled Dice", row => row.Scores?.PooledDice);
        bool hasDistances = all.Any(row => row.Scores?.CasesWithDistances > 0);
        if (hasDistances)
            table.Intervals("HD95", "0.0", row => row.Scores?.MeanHd95, "HD95, pixels")
                .Intervals("ASSD", "0.00", row => row.Scores?.MeanAssd, "ASSD, pixels")
                .Numbers("images with distances", "0", row => row.Scores?.CasesWithDistances);
        if (all.Any(row => row.Scores?.SecondsPerCase > 0))
            table.Numbers("seconds per case", "0.000", row => row.Scores?.SecondsPerCase);
        if (rows.Any(row => row.Quoted is not null))
            table.Numbers("paper's mean Dice", "0.00", row => row.Row.Quoted?.Dice, quoted: true)
                .Numbers("paper's mean IoU", "0.00", row => row.Row.Quoted?.IoU, quoted: true);

        string over = PatientBootstrap.Over(
            runs.GroupBy(run => run.Spec.Data.Set).Select(own => (own.Key, own.SelectMany(run => run.Cases))));
        string found = runs.Length == rows.Count ? "all" : $"{runs.Length} of {rows.Count}";
        return table.Make(
            title,
            $"{rows[0].Spec.Caption()}; percent with 95 % intervals {over}; {found} rows have a finished "
                + $"run.{(hasDistances ? " " + DistanceRule : "")}{Provenance.Mixture(runs)}");
    }
}
