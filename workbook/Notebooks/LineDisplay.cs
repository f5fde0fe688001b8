using System.Diagnostics;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Plain lines, for output that is no terminal.</summary>
internal sealed class LineDisplay(TextWriter output) : IRunDisplay
{
    private readonly Stopwatch elapsed = Stopwatch.StartNew();

    public void CellStarts(string notebook, int cell, int cells, TimeSpan? left) =>
        output.WriteLine($"{notebook}  cell {cell}/{cells}  {Clock(elapsed.Elapsed)} elapsed{(left is TimeSpan time ? $", about {Clock(time)} left" : "")}");

    public void NotebookEnds(string notebook, TimeSpan took, CellFault? fault) =>
        output.WriteLine(fault is null ? $"{notebook}  done in {Clock(took)}" : $"{notebook}  stopped at code cell {fault.Cell}");

    /// <summary>Minutes and seconds, with hours where there are any.</summary>
    internal static string Clock(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss");
}
