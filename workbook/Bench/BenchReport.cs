using System.Globalization;
using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Platform;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Workbook.Bench;

/// <summary>What a bench found, as tables, a chart and files.</summary>
internal static class BenchReport
{
    /// <summary>The ratios, which hold on a busy machine too, for both sides were timed by turns.</summary>
    public static Table Ratios(IReadOnlyList<BenchRow> rows) => Tables.Of("Ratios", rows.Where(row => !double.IsNaN(row.Ratio)).Select(row => new
    {
        Ratio = Two(row.Ratio),
        Measure = row.Measure.Name(),
        row.Model,
        ComparedWith = ComparedWith(row),
        Wanted = Wanted(row),
    }).Concat(TimesPlain(rows).Select(times => new
    {
        Ratio = Two(times.Ratio),
        Measure = BenchMeasure.Step.Name(),
        times.Model,
        ComparedWith = "the same network plain",
        Wanted = "",
    })));

    /// <summary>Every timing in seconds.</summary>
    public static Table Timings(IReadOnlyList<BenchRow> rows, string caption) => new TableBuilder<BenchRow>(rows)
        .Words("measure", row => row.Measure.Name())
        .Words("model", row => row.Model)
        .Numbers("batch", "0", row => row.Batch)
        .Numbers("size", "0", row => row.Size)
        .Intervals(
            "median", "0.0000", row => new Estimate(row.Median, row.Low, row.High), "median, s [fastest, slowest]")
        .Numbers("images/s", "0.0", row => row.ImagesPerSecond)
        .Numbers("GFLOP/s", "0", row => row.GflopPerSecond)
        .Numbers("peak MiB", "0", row => row.PeakMiB)
        .Numbers("page faults", "0", row => row.PageFaults)
        .Make("Timings", caption);

    /// <summary>The training step of each method, ours and plain; null where no step was timed.</summary>
    public static Chart? Steps(IReadOnlyList<BenchRow> rows, string caption)
    {
        BenchRow[] steps = [.. rows.Where(row => row.Measure == BenchMeasure.Step)], plain = [.. rows.Where(row => row.Measure == BenchMeasure.PlainStep)];
        string[] models = [.. steps.Concat(plain).Select(row => row.Model).Distinct()];
        if (models.Length == 0)
            return null;
        return new Chart("A training step of each method")
        {
            Subtitle = caption,
            X = new Axis { Categories = models },
            Y = new Axis("seconds") { Min = 0 },
            Series = [.. new[] { Bars("the library", steps), Bars("plain", plain) }.OfType<Series>()],
            Lines = [.. rows.Where(row => row.Measure == BenchMeasure.Convolutions).Select(row => new ReferenceLine(row.Median, $"{row.Model}'s convolutions alone"))],
            Width = 960,
        };

        Series? Bars(string name, BenchRow[] of) => of.Length == 0
            ? null
            : Series.Bar(name, models.Select(model => of.FirstOrDefault(row => row.Model == model)?.Median ?? double.NaN)) with { ValueFormat = "0.0#" };
    }

    /// <summary>Writes the rows as CSV, and beside it the tables as Markdown and the chart.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="caption">Preset, machine and command.</param>
    /// <returns>The written files.</returns>
    public static IReadOnlyList<string> Save(string path, IReadOnlyList<BenchRow> rows, string caption)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, name = Path.GetFileNameWithoutExtension(path), markdown = Path.Combine(folder, name + ".md");
        AtomicFile.WriteText(path, string.Concat(rows.Select(row => row.ToCsv() + "\n").Prepend(BenchRow.Head + "\n")));
        AtomicFile.WriteText(markdown, $"{Ratios(rows).ToMarkdown()}\n{Timings(rows, caption).ToMarkdown()}");
        return [path, markdown, .. Steps(rows, caption)?.Save(folder, name) ?? []];
    }

    /// <summary>How many times as fast each method's step is as the same network plain.</summary>
    public static IEnumerable<(string Model, double Ratio)> TimesPlain(IReadOnlyList<BenchRow> rows) =>
        from step in rows
        from plain in rows
        where step.Measure == BenchMeasure.Step && plain.Measure == BenchMeasure.PlainStep
        where (step.Model, step.Batch, step.Size) == (plain.Model, plain.Batch, plain.Size)
        select (step.Model, plain.Median / step.Median);

    private static string ComparedWith(BenchRow row) => row.Measure switch
    {
        BenchMeasure.Convolutions or BenchMeasure.ConvolutionsForward => "a matrix product's speed",
        BenchMeasure.ConvolutionsBfloat16 => "the same in float32",
        BenchMeasure.Small => "the same network plain",
        BenchMeasure.Loading => FormattableString.Invariant($"{BenchRow.CasesPerSecond} cases a second on one core"),
        BenchMeasure.StepLoading => "the same step without loading",
        _ => "its convolutions alone",
    };

    private static string Wanted(BenchRow row) => row.Measure switch
    {
        BenchMeasure.Step or BenchMeasure.Inference => "0.85",
        BenchMeasure.Small => "1.50",
        BenchMeasure.Loading => "1.00",
        BenchMeasure.StepLoading => "0.97",
        _ => "",
    };

    private static string Two(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
