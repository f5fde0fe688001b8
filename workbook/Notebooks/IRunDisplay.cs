using System.Diagnostics;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Shows how far a run is.</summary>
internal interface IRunDisplay
{
    /// <param name="notebook">The notebook's name.</param>
    /// <param name="cell">The code cell about to run, from 1.</param>
    /// <param name="cells">How many it has.</param>
    /// <param name="left">An estimate for all that is left of the run; null where there is none yet.</param>
    void CellStarts(string notebook, int cell, int cells, TimeSpan? left);

    /// <param name="notebook">The notebook's name.</param>
    /// <param name="took">Its time.</param>
    /// <param name="fault">Why it stopped; null where it ran to its end.</param>
    void NotebookEnds(string notebook, TimeSpan took, CellFault? fault);
}

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
