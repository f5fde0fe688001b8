using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Prints both reductions of a run's scores, named.</summary>
internal static class ScoreDisplay
{
    /// <param name="title">One line above the table.</param>
    /// <param name="cases">The scores.</param>
    /// <param name="note">A line below, such as which share of the reports was understood; null for none.</param>
    public static void Show(string title, IReadOnlyList<CaseScore> cases, string? note = null)
    {
        ScoreSummary summary = ScoreSummary.Of(cases);
        var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Simple };
        table.AddColumns("percent", "mean over images [[95 %]]", "pooled [[95 %]]");
        table.AddRow("Dice", Percent(summary.MeanDice), Percent(summary.PooledDice));
        table.AddRow("IoU", Percent(summary.MeanIoU), Percent(summary.PooledIoU));
        table.AddRow("sensitivity", Percent(summary.MeanSensitivity), Percent(summary.PooledSensitivity));
        table.AddRow("precision", Percent(summary.MeanPrecision), Percent(summary.PooledPrecision));
        AnsiConsole.Write(table);
        if (summary.CasesWithDistances > 0)
        {
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"HD95 {Pixels(summary.MeanHd95)} and ASSD {Pixels(summary.MeanAssd)} pixels, mean over the {summary.CasesWithDistances} images in which neither mask is empty"));
        }

        if (double.IsFinite(summary.SecondsPerCase))
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.SecondsPerCase:0.000} seconds per predicted case"));
        AnsiConsole.WriteLine($"{cases.Count} cases{Patients(cases)}; intervals by bootstrap {PatientBootstrap.Over(cases)}; an empty prediction on an empty mask scores 100.");
        if (note is not null)
            AnsiConsole.WriteLine(note);
    }

    private static string Patients(IReadOnlyList<CaseScore> cases) =>
        cases.All(c => c.Group == c.CaseId) ? "" : $" of {cases.Select(c => c.Group).Distinct().Count()} patients";

    private static string Pixels(Estimate e) =>
        string.Create(CultureInfo.InvariantCulture, $"{e.Value:0.00} [{e.Low:0.00}, {e.High:0.00}]");

    private static string Percent(Estimate e) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.00} [[{100 * e.Low:0.00}, {100 * e.High:0.00}]]");
}
