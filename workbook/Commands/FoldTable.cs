using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using MathNet.Numerics.Statistics;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>The folds of a cross-validation: their specs, and their scores with the spread over folds.</summary>
internal static class FoldTable
{
    /// <summary>A spec's folds, where it names their number and no single one; else the spec alone.</summary>
    public static IReadOnlyList<RunSpec> Expand(RunSpec spec) => spec.Data is { Folds: int folds, Fold: null }
        ? [.. Enumerable.Range(1, folds).Select(fold => spec with { Data = spec.Data with { Fold = fold } })]
        : [spec];

    /// <summary>Shows a row per fold, and the mean over folds with its standard deviation.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="runs">The finished runs, one a fold.</param>
    public static void Show(string title, IReadOnlyList<Run> runs)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Simple };
        table.AddColumns("fold", "cases", "val Dice", "mean Dice, %", "mean IoU", "pooled Dice");
        foreach (TableColumn column in table.Columns)
            column.Padding(0, 0).NoWrap(); // two-digit spreads fit 80 columns
        foreach (Run run in runs)
        {
            string[] numbers = [.. Numbers(run).Select(share => Text(share))];
            table.AddRow([$"{run.Spec.Data.Fold} of {run.Spec.Data.Folds}", $"{run.Cases.Count}", .. numbers]);
        }

        if (runs.Count > 1)
        {
            double[][] all = [.. runs.Select(run => Numbers(run).ToArray())];
            string[] spreads = [.. Enumerable.Range(0, all[0].Length)
                .Select(i => Spread(FoldSpread.Of([.. all.Select(one => one[i])])))];
            table.AddRow(["mean ± sd", "", .. spreads]);
        }

        AnsiConsole.Write(table);
        if (TestedOnce(runs) is { } cases)
        {
            ScoreSummary whole = ScoreSummary.Of(cases);
            AnsiConsole.WriteLine(
                $"all {cases.Length} cases, each tested in one fold: mean Dice {Interval(whole.MeanDice)} %, "
                + $"pooled Dice {Interval(whole.PooledDice)} %, 95 % intervals {PatientBootstrap.Over(cases)}");
        }
        else if (runs.Count > 1)
        {
            AnsiConsole.WriteLine("All folds are tested on the same cases, so the standard deviation (sd) shows how "
                + "much training varies, not how much the cases do.");
        }
    }

    /// <summary>The folds for JSON.</summary>
    public static object Json(IReadOnlyList<Run> runs) => new
    {
        Folds = runs.Select(TrainCommand.Json),
        MeanDice = FoldSpread.Of([.. runs.Select(run => Numbers(run).ElementAt(1))]),
        AllCases = TestedOnce(runs) is { } cases ? JsonOutput.Of(cases) : null,
    };

    /// <summary>
    /// The scores of all folds together where each case is tested in one; null where folds share test cases.
    /// </summary>
    private static CaseScore[]? TestedOnce(IReadOnlyList<Run> runs)
    {
        CaseScore[] cases = [.. runs.SelectMany(run => run.Cases)];
        return runs.Count > 1 && cases.DistinctBy(score => score.CaseId).Count() == cases.Length ? cases : null;
    }

    private static IEnumerable<double> Numbers(Run run)
    {
        ScoreSummary scores = ScoreSummary.Of(run.Cases, resamples: 0);
        yield return run.History.Select(epoch => epoch.ValMeanDice)
            .Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
        yield return scores.MeanDice.Value;
        yield return scores.MeanIoU.Value;
        yield return scores.PooledDice.Value;
    }

    private static string Text(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Spread(FoldSpread over) => string.Create(
        CultureInfo.InvariantCulture, $"{100 * over.Mean:0.00} ± {100 * over.StandardDeviation:0.00}");

    private static string Interval(Estimate e) => string.Create(
        CultureInfo.InvariantCulture, $"{100 * e.Value:0.00} [{100 * e.Low:0.00}, {100 * e.High:0.00}]");
}

/// <summary>One score over runs that differ only in their fold. It shows how much training and split vary.</summary>
/// <param name="Runs">The number of runs.</param>
/// <param name="Mean">The mean over the runs.</param>
/// <param name="StandardDeviation">The sample's, with Runs - 1 below the line; NaN for a single run.</param>
internal sealed record FoldSpread(int Runs, double Mean, double StandardDeviation)
{
    public static FoldSpread Of(IReadOnlyCollection<double> runs)
    {
        (double mean, double deviation) = runs.MeanStandardDeviation();
        return new FoldSpread(runs.Count, mean, deviation);
    }
}
