using System.Diagnostics;
using System.Text.RegularExpressions;
using C2FVL.Experiments;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Runs one notebook from its first cell to its last, or to the first that fails.</summary>
internal sealed class NotebookRunner(RunSettings settings, RunEstimate estimate, IRunDisplay display)
{
    /// <summary>The preset of the tracked results that a cell shows by its first line, at whatever scale the notebook runs.</summary>
    private static Scale? TrackedResults(string source) => Enum.GetValues<Scale>().Cast<Scale?>().FirstOrDefault(
        scale => source.StartsWith($"// Tracked {RunStore.ScaleName(scale!.Value)} results", StringComparison.Ordinal));

    /// <returns>The notebook with its outputs, the figures and tables it has shown, and why it stopped (null where it did not).</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled; the running cell is left behind.</exception>
    public async Task<(Notebook Executed, ArtifactFolder Artifacts, CellFault? Fault)> Run(Notebook notebook, CancellationToken cancellation)
    {
        var elapsed = Stopwatch.StartNew();
        var artifacts = new ArtifactFolder(notebook.Name);
        var cells = new List<NotebookCell>();
        int number = 0, count = notebook.CodeCells.Count();
        CellFault? fault = null;
        using var kernel = new NotebookKernel(notebook.Name);
        foreach (NotebookCell cell in notebook.Cells)
        {
            if (cell.Kind != CellKind.Code || fault is not null)
            {
                cells.Add(cell.Kind != CellKind.Code ? cell : cell with { Outputs = [], ExecutionCount = null });
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            display.CellStarts(notebook.Name, ++number, count, estimate.Left);
            long start = Stopwatch.GetTimestamp();
            string source = number == 1 ? ScaleLine.Set(cell.Source, settings.Scale) : cell.Source;
            CellResult result = await kernel.Run(source, number, cancellation);
            estimate.Done(notebook.Name, Stopwatch.GetElapsedTime(start));
            var executed = cell with { Outputs = result.Outputs, ExecutionCount = number };
            fault = result.Fault ?? TooLarge(notebook with { Cells = [.. cells, executed] }, executed, number);
            if (fault is { Kind: NotebookKernel.LargeOutput })
                executed.Outputs.Clear();
            if (fault is not null)
                executed.Outputs.Add(CellOutputs.Error(fault));
            cells.Add(executed);
            foreach (ShownValue shown in result.Shown)
                artifacts.Add(shown.Value, TrackedResults(cell.Source));
        }

        if (fault is not null)
            estimate.Drop(notebook.Name);
        display.NotebookEnds(notebook.Name, elapsed.Elapsed, fault);
        return (notebook with { Cells = cells }, artifacts, fault);
    }

    /// <summary>A notebook that is too large to be written stops at the cell that makes it so.</summary>
    private static CellFault? TooLarge(Notebook soFar, NotebookCell last, int number)
    {
        // A line takes up to six times its own length in the file, so little is written out in vain.
        bool isSmall = soFar.CodeCells.Sum(cell => (long)cell.Outputs.ToJsonString().Length) < NotebookFile.MaxBytes / 8;
        return isSmall || last.Outputs.Count == 0 || NotebookFile.TooLarge(soFar) is not string message
            ? null
            : new CellFault(soFar.Name, number, null, null, NotebookKernel.LargeOutput, message);
    }
}

/// <summary>
/// The one line of a notebook that sets the scale: <c>var scale = Scale.Phantom;</c> in its first code cell. A reader
/// edits it; the runner puts the asked scale in its place when the cell runs, and leaves the stored text as it is.
/// </summary>
internal static partial class ScaleLine
{
    /// <summary>The cell's text with the scale replaced; the same text where the cell sets none.</summary>
    public static string Set(string source, Scale scale) => Line().Replace(source, $"$1{scale}", 1);

    [GeneratedRegex(@"^(\s*(?:var|Scale)\s+scale\s*=\s*(?:[\w.]+\.)?Scale\.)\w+(?=\s*;)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
