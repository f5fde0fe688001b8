using System.Globalization;
using MathNet.Numerics.Statistics;

namespace C2FVL.Workbook.Bench;

/// <summary>All timings of one thing, and what they are compared with.</summary>
/// <param name="Measure">What was timed.</param>
/// <param name="Model">The method, or the data set that was loaded; empty for the machine itself.</param>
/// <param name="Batch">Images in the timed batch.</param>
/// <param name="Size">The image's side in pixels; for <see cref="BenchMeasure.Sgemm"/> the matrix's.</param>
/// <param name="Median">The median in seconds.</param>
/// <param name="Low">The fastest.</param>
/// <param name="High">The slowest.</param>
internal sealed record BenchRow(BenchMeasure Measure, string Model, int Batch, int Size, double Median, double Low, double High)
{
    /// <summary>What loading is measured against.</summary>
    public const double CasesPerSecond = 300;

    /// <summary>The head of the CSV file.</summary>
    public const string Head = "measure,model,batch,size,median_s,low_s,high_s,limit_s,ratio";

    /// <summary>The seconds that it is compared with, of the same run; NaN where there is nothing to compare with.</summary>
    public double Limit { get; init; } = double.NaN;

    /// <summary><see cref="Limit"/> / <see cref="Median"/>: 1 is as fast as what it is compared with, more is faster.</summary>
    public double Ratio => Limit / Median;

    /// <summary>Operations a second, in 10⁹; NaN where they are not counted. Not in the CSV.</summary>
    public double GflopPerSecond { get; init; } = double.NaN;

    /// <summary>The most memory of any of its processes in MiB; NaN where it was not asked. Not in the CSV.</summary>
    public double PeakMiB { get; init; } = double.NaN;

    /// <summary>Pages mapped while it was timed, the median. Not in the CSV.</summary>
    public double PageFaults { get; init; } = double.NaN;

    public double ImagesPerSecond => Measure is BenchMeasure.Sgemm ? double.NaN : Batch / Median;

    /// <summary>A row for each thing that was timed, in the order of the measures, with its limit.</summary>
    public static IReadOnlyList<BenchRow> Of(IEnumerable<BenchSample> samples)
    {
        BenchRow[] rows = [.. samples.GroupBy(s => (s.Measure, s.Model, s.Batch, s.Size)).OrderBy(g => g.Key.Measure).Select(g => Summary([.. g]))];
        return [.. rows.Select(row => row with { Limit = LimitOf(row, rows) })];
    }

    /// <summary>The CSV's line.</summary>
    public string ToCsv() => string.Join(',', [Measure.Name(), Model, $"{Batch}", $"{Size}", .. new[] { Median, Low, High, Limit, Ratio }.Select(Digits)]);

    /// <summary>The rows of a CSV file that was written with <see cref="Head"/> and <see cref="ToCsv"/>.</summary>
    /// <exception cref="InvalidDataException">It is another file; the message names it and the line.</exception>
    public static IReadOnlyList<BenchRow> Load(string path)
    {
        string[] lines = File.ReadAllLines(path);
        if (lines.FirstOrDefault() != Head)
            throw new InvalidDataException($"{path}: line 1 should be {Head}. Write the file again with workbook bench "
                + "--out.");
        return [.. lines.Skip(1).Select((line, i) => FromCsv(line) ?? throw new InvalidDataException(
            $"{path}: line {i + 2} is not a row of bench: {line}"))];
    }

    private static BenchRow? FromCsv(string line)
    {
        string[] cells = line.Split(',');
        return cells.Length == Head.Split(',').Length && int.TryParse(cells[2], out int batch) && int.TryParse(cells[3], out int size)
            ? new BenchRow(BenchMeasures.Parse(cells[0]), cells[1], batch, size, Number(cells[4]), Number(cells[5]), Number(cells[6])) { Limit = Number(cells[7]) }
            : null;
    }

    private static BenchRow Summary(IReadOnlyList<BenchSample> samples)
    {
        double[] seconds = [.. samples.Select(s => s.Seconds)];
        double median = seconds.Median();
        return new BenchRow(samples[0].Measure, samples[0].Model, samples[0].Batch, samples[0].Size, median, seconds.Min(), seconds.Max())
        {
            GflopPerSecond = samples[0].Gflop > 0 ? samples[0].Gflop / median : double.NaN,
            PeakMiB = samples.Max(s => s.PeakMiB) is > 0 and double most ? most : double.NaN,
            PageFaults = samples.Select(s => (double)s.PageFaults).Median(),
        };
    }

    private static double LimitOf(BenchRow row, BenchRow[] all)
    {
        return row.Measure switch
        {
            BenchMeasure.Step or BenchMeasure.PlainStep => MedianOf(BenchMeasure.Convolutions),
            BenchMeasure.ConvolutionsBfloat16 => MedianOf(BenchMeasure.Convolutions),
            BenchMeasure.Inference => MedianOf(BenchMeasure.ConvolutionsForward),
            BenchMeasure.Small => MedianOf(BenchMeasure.PlainSmall),
            BenchMeasure.StepLoading => MedianOf(BenchMeasure.StepWithoutLoading),
            BenchMeasure.Loading => row.Batch / CasesPerSecond,
            BenchMeasure.Convolutions or BenchMeasure.ConvolutionsForward =>
                row.GflopPerSecond * row.Median / (all.FirstOrDefault(other => other.Measure == BenchMeasure.Sgemm)?.GflopPerSecond ?? double.NaN),
            _ => double.NaN,
        };

        double MedianOf(BenchMeasure limit) => all.FirstOrDefault(other =>
            (other.Measure, other.Model, other.Batch, other.Size) == (limit, row.Model, row.Batch, row.Size))?.Median ?? double.NaN;
    }

    private static string Digits(double value) => double.IsNaN(value) ? "" : value.ToString("G6", CultureInfo.InvariantCulture);

    private static double Number(string cell) => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture);
}
