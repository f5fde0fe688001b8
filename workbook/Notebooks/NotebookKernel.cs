using System.Diagnostics;
using System.Reflection;
using System.Text;
using C2FVL.Figures;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;

namespace C2FVL.Workbook.Notebooks;

/// <summary>The .NET Interactive C# kernel that VS Code and Jupyter start, embedded; one for each notebook.</summary>
/// <param name="notebook">The notebook's name, for messages.</param>
internal sealed class NotebookKernel(string notebook) : IDisposable
{
    /// <summary>The kind of error of a cell that shows more than a notebook can hold.</summary>
    public const string LargeOutput = "large output";

    /// <summary>A cell that shows more is stopped while it runs, since it may never end. Each output counts for its text and its record.</summary>
    private const long MostShown = 16L * NotebookFile.MaxBytes, RecordSize = 256;

    // The kernel compiles cells without debug information and has no switch for it; the line of an error needs it.
    private static readonly FieldInfo ScriptOptionsField =
        typeof(CSharpKernel).GetField("_scriptOptions", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingFieldException(nameof(CSharpKernel), "_scriptOptions");

    private readonly CSharpKernel csharp = new();
    private readonly Dictionary<string, ShownValue> displays = [];
    private CompositeKernel? kernel;

    /// <summary>Runs one cell.</summary>
    /// <param name="source">The cell's code.</param>
    /// <param name="number">The code cell's number, from 1.</param>
    /// <param name="cancellation">Interrupts the cell as a front end does: the cell's code may still go on.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public async Task<CellResult> Run(string source, int number, CancellationToken cancellation = default)
    {
        FigureFormatters.Register();
        kernel ??= new CompositeKernel { csharp.UseKernelHelpers() };
        ScriptOptionsField.SetValue(csharp, ((ScriptOptions)ScriptOptionsField.GetValue(csharp)!)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(Encoding.UTF8)
            .WithFilePath(FileName(number)));

        long shown = 0;
        var overflow = new TaskCompletionSource();
        using IDisposable watch = kernel.KernelEvents.Subscribe(happened =>
        {
            if (happened is not DisplayEvent output || output is DisplayedValueUpdated)
                return; // progress bars are updated without end
            if (Interlocked.Add(ref shown, output.FormattedValues.Sum(v => v.Value.Length + RecordSize)) < MostShown)
                return;
            overflow.TrySetResult();
            throw new InvalidOperationException("Too much output."); // reaches the cell's code where it prints
        });
        Task<KernelCommandResult> run = kernel.SendAsync(new SubmitCode(source, csharp.Name), cancellation);
        await Task.WhenAny(run, overflow.Task).WaitAsync(cancellation);
        cancellation.ThrowIfCancellationRequested();
        var cell = new CellResult();
        if (overflow.Task.IsCompleted)
        {
            cell.Fault = new CellFault(notebook, number, null, null, LargeOutput, "The cell showed more than "
                + $"{MostShown >> 20} MB and was stopped. Show less, or look for a loop that never ends.");
            return cell;
        }

        KernelCommandResult result = await run;
        foreach (KernelEvent happened in result.Events)
            cell.Fault ??= Take(happened, cell, source, number);
        return cell;
    }

    /// <summary>Drops all that the cells declared.</summary>
    public void Dispose() => (kernel ?? (IDisposable)csharp).Dispose();

    /// <returns>The error that the event tells of; null where it tells of none.</returns>
    private CellFault? Take(KernelEvent happened, CellResult cell, string source, int number)
    {
        CellFault At(int? line, string kind, string message) =>
            new(notebook, number, line, line is int n ? source.Split('\n').ElementAtOrDefault(n - 1) : null, kind, message);

        switch (happened)
        {
            case StandardOutputValueProduced printed:
                cell.Print("stdout", string.Concat(printed.FormattedValues.Select(v => v.Value)));
                return null;
            case StandardErrorValueProduced printed:
                cell.Print("stderr", string.Concat(printed.FormattedValues.Select(v => v.Value)));
                return null;
            case DisplayedValueUpdated update when displays.TryGetValue(update.ValueId, out ShownValue? former):
                former.Replace(update.Value, Bundle(update));
                return null;
            case DisplayedValueUpdated:
                return At(null, "lost update", "In this kernel, Update on the handle that display(value) returns "
                    + "shows nothing. Show progress with LiveProgress.");
            case DisplayEvent shown and (DisplayedValueProduced or ReturnValueProduced):
                ShownValue added = cell.Show(shown.Value, Bundle(shown), shown is ReturnValueProduced ? number : null);
                if (shown.ValueId is string id)
                    displays[id] = added;
                return null;
            case DiagnosticsProduced { Diagnostics: var found }:
                return found.Where(d => d.Severity is Microsoft.CodeAnalysis.DiagnosticSeverity.Error or Microsoft.CodeAnalysis.DiagnosticSeverity.Warning)
                    .OrderByDescending(d => d.Severity)
                    .Select(d => At(d.LinePositionSpan.Start.Line + 1, d.Code, d.Message))
                    .FirstOrDefault();
            case CommandFailed { Exception: { } exception }:
                while (exception is AggregateException or TargetInvocationException && exception.InnerException is { } inner)
                    exception = inner;
                return At(LineOf(exception, FileName(number)), exception.GetType().Name, exception.Message);
            case CommandFailed failed:
                return At(null, "error", failed.Message);
            default:
                return null;
        }
    }

    // Without a folder: the kernel looks for a relative #r from the file's.
    private string FileName(int number) => $"{Path.GetFileName(notebook)}, code cell {number}";

    private static int? LineOf(Exception exception, string file) => new StackTrace(exception, fNeedFileInfo: true).GetFrames()
        .Where(frame => frame.GetFileName()?.EndsWith(file, StringComparison.Ordinal) == true)
        .Select(frame => (int?)frame.GetFileLineNumber())
        .FirstOrDefault();

    private static Dictionary<string, string> Bundle(DisplayEvent shown) =>
        shown.FormattedValues.ToDictionary(v => v.MimeType, v => v.Value.ReplaceLineEndings("\n"));
}
