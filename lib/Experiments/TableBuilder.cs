using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Training;
using Microsoft.Data.Analysis;

namespace C2FVL.Experiments;

/// <summary>A table column by column: the data in full precision, and how each column is shown.</summary>
internal sealed class TableBuilder<T>(IReadOnlyList<T> rows)
{
    private readonly List<DataFrameColumn> data = [];
    private readonly List<TableColumn> shown = [];

    public void Words(string name, Func<T, string> words, string? header = null)
    {
        data.Add(new StringDataFrameColumn(name, rows.Select(words)));
        shown.Add(new TableColumn(name) { Header = header });
    }

    public void Numbers(string name, string format, Func<T, double?> number)
    {
        Add(name, number);
        shown.Add(new TableColumn(name) { Format = format });
    }

    public void Quoted(string name, Func<T, double?> number)
    {
        Add(name, number);
        shown.Add(new TableColumn(name) { Format = "0.00", Quoted = true });
    }

    /// <summary>
    /// A score from 0 to 1, or a difference of two, times 100 and with its interval, which files hold under NAME low
    /// and NAME high.
    /// </summary>
    public void Percent(string name, Func<T, Estimate?> estimate, string format = "0.0", string? header = null) =>
        Estimates(name, format, 100, estimate, header);

    /// <summary>
    /// A value in a unit of its own with its interval, which files hold under NAME low and NAME high.
    /// </summary>
    public void Interval(string name, string format, Func<T, Estimate?> estimate, string? header = null) =>
        Estimates(name, format, 1, estimate, header);

    /// <summary>The same for a difference, with its sign.</summary>
    public void Points(string name, Func<T, Estimate?> estimate, string? header = null) =>
        Percent(name, estimate, "+0.0;-0.0;0.0", header);

    public Table Make(string title, string caption) =>
        new(title, new DataFrame(data)) { Columns = shown, Caption = caption };

    private void Estimates(string name, string format, double factor, Func<T, Estimate?> estimate, string? header)
    {
        (string low, string high) = ($"{name} low", $"{name} high");
        Add(name, row => factor * estimate(row)?.Value);
        Add(low, row => factor * estimate(row)?.Low);
        Add(high, row => factor * estimate(row)?.High);
        shown.Add(new TableColumn(name) { Header = header, Format = format, Interval = (low, high) });
    }

    private void Add(string name, Func<T, double?> number) =>
        data.Add(new DoubleDataFrameColumn(name, rows.Select(number)));
}

/// <summary>Scores from 0 to 1, or differences of two, as a chart's series: times 100, with their intervals.</summary>
internal static class EstimateSeries
{
    /// <summary>A bar an estimate.</summary>
    public static Series Bars(string name, IReadOnlyList<Estimate> estimates) =>
        Series.Bar(name, Percent(estimates, e => e.Value)) with
        { Low = Percent(estimates, e => e.Low), High = Percent(estimates, e => e.High) };

    /// <summary>A row an estimate; null leaves the row empty.</summary>
    public static Series Intervals(string name, IReadOnlyList<Estimate?> estimates) => Series.Interval(
        name, Percent(estimates, e => e.Value), Percent(estimates, e => e.Low), Percent(estimates, e => e.High));

    private static double[] Percent(IReadOnlyList<Estimate?> estimates, Func<Estimate, double> part) =>
        [.. estimates.Select(e => e is null ? double.NaN : 100 * part(e))];
}

/// <summary>The scores of a list of runs beside the paper's own numbers, as far as the runs are there.</summary>
public static class ScoreTable
{
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

        string over = PatientBootstrap.Over(
            runs.GroupBy(run => run.Spec.Data.Set).Select(own => (own.Key, own.SelectMany(run => run.Cases))));
        return table.Make(
            title,
            $"{rows[0].Spec.Caption()}; percent with 95 % intervals {over}; "
                + $"{(runs.Length == rows.Count ? "all" : $"{runs.Length} of {rows.Count}")} rows have a finished "
                + $"run.{(hasDistances ? " " + ComparisonTables.DistanceRule : "")}{Provenance.Mixture(runs)}");
    }
}

/// <summary>What nnU-Net's rules plan for a run's training images, beside what the run has.</summary>
public static class NnUNetPlanTable
{
    /// <summary>
    /// Takes the fingerprint, makes the plan, keeps it in the run's folder as nnunet-plan.json and shows it.
    /// </summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="run">A run of nnU-Net whose data are here.</param>
    /// <exception cref="ArgumentException">The run is of another method.</exception>
    public static Table Of(string title, Run run)
    {
        if (run.Spec.Model is not NnUNetSettings own)
            throw new ArgumentException($"{run.Spec.Name} is a run of {run.Spec.Model.Name}. Give a run of nnUNet.");
        RunData data = run.OpenData();
        NnUNetPlan plan = NnUNetPlan.From(
            NnUNetFingerprint.Of(data.Split.Cases(data.Dataset, Part.Train)), own.ImageSize);
        plan.Save(Path.Combine(run.Folder, "nnunet-plan.json"));

        (string Rule, string Plan, string Own, string Reason)[] rows =
        [
            ("patch", Square(plan.PatchSize), Square(own.ImageSize), "the whole image, as for every method"),
            ("stages", $"{plan.Stages}", $"{own.Stages}", "the plan's"),
            ("normalisation", $"{plan.Normalization}", $"{own.Normalization}", "the plan's"),
            ("first channels", $"{plan.BaseFeatures}", $"{own.Width}", "about as many parameters in every method"),
            ("batch", $"{plan.BatchSize}", $"{run.Spec.Training.BatchSize}", "the table's"),
            ("epochs", $"{NnUNetPlan.Training(plan.BatchSize).Epochs}", $"{run.Spec.Training.Epochs}", "the table's"),
            own.MirrorAtTest
                ? ("flipped at testing", "yes", "yes", "the plan's")
                : ("flipped at testing", "yes", "no", "it costs four passes"),
        ];
        var table = new TableBuilder<(string Rule, string Plan, string Own, string Reason)>(rows);
        table.Words("rule", row => row.Rule);
        table.Words("plan", row => row.Plan);
        table.Words("this run", row => row.Own);
        table.Words("why", row => row.Reason);
        string size = $"{run.Spec.Scale.Caption()}; {plan.Fingerprint.Cases} training images.";
        TrainingSettings training = run.Spec.Training;
        bool trainsAsPlanned = training == NnUNetPlan.Training(training.BatchSize, training.Epochs);
        return table.Make(title, size + (trainsAsPlanned
            ? " Optimizer, schedule and loss are nnU-Net's in both."
            : " The loss is nnU-Net's in both; this run's optimizer and schedule are the table's."));

        static string Square(int side) => $"{side} x {side}";
    }
}
