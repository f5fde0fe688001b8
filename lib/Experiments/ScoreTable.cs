using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>The scores of a list of runs beside the paper's own numbers, as far as the runs are there.</summary>
public static class ScoreTable
{
    /// <summary>A row an experiment, percent with 95 % intervals over patients; rows without a run are shown without numbers.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="rows">The experiments, all of one scale.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public static Table Of(string title, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        ScoreSummary?[] scores = [.. rows.Select(row => store.Find(row.Spec) is Run run ? ScoreSummary.Of(run.Cases) : null)];
        Scale scale = rows[0].Spec.Scale;
        int found = scores.Count(score => score is not null);

        // Phantom numbers are no result, so none of the paper's stand beside them.
        bool quote = scale != Scale.Phantom && rows.Any(row => row.Quoted is not null);
        TableColumn[] columns =
        [
            new("Group") { Header = "" },
            new("Setting") { Header = "" },
            new("MeanDice") { Header = "mean Dice", Format = "0.0", Interval = ("MeanDiceLow", "MeanDiceHigh") },
            new("MeanIoU") { Header = "mean IoU", Format = "0.0", Interval = ("MeanIoULow", "MeanIoUHigh") },
            new("PooledDice") { Header = "pooled Dice", Format = "0.0", Interval = ("PooledDiceLow", "PooledDiceHigh") },
            .. quote ? (TableColumn[])[new("PaperDice") { Header = "paper's mean Dice", Format = "0.00", Quoted = true }, new("PaperIoU") { Header = "paper's mean IoU", Format = "0.00", Quoted = true }] : [],
        ];
        return Tables.Of(title, rows.Zip(scores, (row, score) => new
        {
            row.Group,
            Setting = row.Label,
            Run = row.Spec.Name,
            MeanDice = 100 * score?.MeanDice.Value,
            MeanDiceLow = 100 * score?.MeanDice.Low,
            MeanDiceHigh = 100 * score?.MeanDice.High,
            MeanIoU = 100 * score?.MeanIoU.Value,
            MeanIoULow = 100 * score?.MeanIoU.Low,
            MeanIoUHigh = 100 * score?.MeanIoU.High,
            PooledDice = 100 * score?.PooledDice.Value,
            PooledDiceLow = 100 * score?.PooledDice.Low,
            PooledDiceHigh = 100 * score?.PooledDice.High,
            PaperDice = row.Quoted?.Dice,
            PaperIoU = row.Quoted?.IoU,
        })) with
        {
            Columns = columns,
            Caption = $"{scale.Caption()}; percent with 95 % intervals over patients; {(found == rows.Count ? $"all {found}" : $"{found} of {rows.Count}")} rows have their run here.",
        };
    }
}
