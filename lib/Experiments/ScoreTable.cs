using System.Globalization;
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
            new("MeanDice") { Header = "mean Dice" },
            new("MeanIoU") { Header = "mean IoU" },
            new("PooledDice") { Header = "pooled Dice" },
            .. quote ? (TableColumn[])[new("PaperDice") { Header = "paper's mean Dice", Format = "0.00", Quoted = true }, new("PaperIoU") { Header = "paper's mean IoU", Format = "0.00", Quoted = true }] : [],
        ];
        return Tables.Of(title, rows.Zip(scores, (row, score) => new
        {
            row.Group,
            Setting = row.Label,
            MeanDice = Percent(score?.MeanDice),
            MeanIoU = Percent(score?.MeanIoU),
            PooledDice = Percent(score?.PooledDice),
            PaperDice = row.Quoted?.Dice,
            PaperIoU = row.Quoted?.IoU,
        })) with
        {
            Columns = columns,
            Caption = $"{scale.Caption()}; percent with 95 % intervals over patients; {(found == rows.Count ? $"all {found}" : $"{found} of {rows.Count}")} rows have their run here.",
        };
    }

    /// <summary>Such as "79.5 [77.8, 81.1]", of a score from 0 to 1; a dash for none.</summary>
    public static string Percent(Estimate? score) => score switch
    {
        null => "\u2013",
        { Low: double.NaN } => (100 * score.Value).ToString("0.0", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{100 * score.Value:0.0} [{100 * score.Low:0.0}, {100 * score.High:0.0}]"),
    };
}
