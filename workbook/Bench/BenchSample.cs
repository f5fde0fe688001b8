using System.Text.Json;

namespace C2FVL.Workbook.Bench;

/// <summary>One timing, as a child writes it: a line of JSON.</summary>
/// <param name="Measure">What was timed.</param>
/// <param name="Model">The method, or the data set that was loaded; empty for the machine itself.</param>
/// <param name="Batch">Images in the timed batch.</param>
/// <param name="Size">The image's side in pixels; for <see cref="BenchMeasure.Sgemm"/> the matrix's.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record BenchSample(BenchMeasure Measure, string Model, int Batch, int Size, double Seconds)
{
    private const string Mark = "sample ";

    /// <summary>Floating-point operations of what was timed, in 10⁹; 0 where they are not counted.</summary>
    public double Gflop { get; init; }

    /// <summary>How often the system had to map a page meanwhile; 0 where it does not say.</summary>
    public long PageFaults { get; init; }

    /// <summary>The most memory the process had held when its first step was done, in MiB; 0 where it was not asked.</summary>
    public double PeakMiB { get; init; }

    public string ToLine() => Mark + JsonSerializer.Serialize(this);

    /// <summary>The timing in a child's line; null where the line is something else.</summary>
    public static BenchSample? FromLine(string line) =>
        line.StartsWith(Mark, StringComparison.Ordinal) ? JsonSerializer.Deserialize<BenchSample>(line[Mark.Length..]) : null;
}
