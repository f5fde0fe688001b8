using System.Diagnostics;
using System.Text.Json.Nodes;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Runs one notebook from its first cell to its last, or to the first that fails.</summary>
internal sealed class NotebookRunner(RunSettings settings, RunEstimate estimate, IRunDisplay display)
{
    /// <summary>How a cell begins that shows tracked mini results at whatever scale the notebook runs.</summary>
    private const string TrackedResultsMark = "// Tracked mini results";

    /// <returns>The notebook with its outputs, the figures and tables it has shown, and why it stopped (null where it did not).</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled; the running cell is left behind.</exception>
    public async Task<(Notebook Executed, ArtifactFolder Artifacts, CellFault? Fault)> Run(Notebook notebook, CancellationToken cancellation)
    {
        var elapsed = Stopwatch.StartNew();
        var artifacts = new ArtifactFolder(notebook.Name);
        List<NotebookCell> cells = [.. notebook.CodeCells];
        var executed = new Dictionary<string, NotebookCell>();
        CellFault? fault = null;

        using (var kernel = new NotebookKernel(notebook.Name))
        {
            for (int i = 0; i < cells.Count && fault is null; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                display.CellStarts(notebook.Name, i + 1, cells.Count, estimate.Left);
                long start = Stopwatch.GetTimestamp();
                string source = i == 0 ? ScaleLine.Set(cells[i].Source, settings.Scale) : cells[i].Source;
                CellResult result = await kernel.Run(source, i + 1, cancellation);
                fault = result.Fault;
                estimate.Done(notebook.Name, Stopwatch.GetElapsedTime(start));

                NotebookCell done = WithOutputs(cells[i], result.Outputs, i + 1);
                if (fault is not null)
                    done.Outputs.Add(CellOutputs.Error(fault));
                executed.Add(done.Id, done);
                foreach (ShownValue shown in result.Shown)
                    artifacts.Add(shown.Value, ofTrackedResults: cells[i].Source.StartsWith(TrackedResultsMark, StringComparison.Ordinal));
            }
        }

        if (fault is not null)
            estimate.Drop(notebook.Name);
        display.NotebookEnds(notebook.Name, elapsed.Elapsed, fault);
        IEnumerable<NotebookCell> all = notebook.Cells.Select(cell =>
            cell.Kind != CellKind.Code ? cell : executed.GetValueOrDefault(cell.Id) ?? WithOutputs(cell, [], null));
        return (new Notebook { Name = notebook.Name, Cells = [.. all], Metadata = notebook.Metadata }, artifacts, fault);
    }

    private static NotebookCell WithOutputs(NotebookCell cell, JsonArray outputs, int? count) => new()
    {
        Id = cell.Id,
        Kind = cell.Kind,
        Source = cell.Source,
        Metadata = cell.Metadata,
        Others = cell.Others,
        Outputs = outputs,
        ExecutionCount = count,
    };
}
