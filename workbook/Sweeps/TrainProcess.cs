using System.Diagnostics;
using System.Text.Json;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Sweeps;

/// <summary>
/// A process that trains runs for a sweep: the console's <c>train --child</c>. It reads one run per line and writes
/// progress and results as lines. It stops, resumable, when its input closes, so it ends with the process that started
/// it.
/// </summary>
internal sealed class TrainProcess : IAsyncDisposable
{
    /// <summary>The exit code of a command whose run another process is using (EX_TEMPFAIL of sysexits.h).</summary>
    public const int LockedExitCode = 75;

    private const int Killed = 128 + 9, Terminated = 128 + 15, KilledOnWindows = -1, TailLines = 20;
    private const string EndMark = "end ", ProgressMark = "progress ";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly Process process;
    private readonly Queue<string> tail = new();
    private Action<TrainingProgress> onProgress = _ => { };
    private TaskCompletionSource<TrainEnd> ended = new();

    /// <param name="store">The store of its runs.</param>
    public TrainProcess(RunStore store)
    {
        string console = typeof(TrainProcess).Assembly.Location;
        process = new Process { StartInfo = ManyRuns.Start(console, store, "train", "--child") };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exit = process.WaitForExitAsync();
    }

    /// <summary>The process's id.</summary>
    public int Id => process.Id;

    /// <summary>Completes when the process has ended and its output is read.</summary>
    private Task Exit { get; }

    /// <summary>Trains or resumes a run, and scores it. One run at a time.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="progress">Called from another thread.</param>
    /// <param name="cancellation">Ends the wait for it; disposing ends the run, resumable.</param>
    public async Task<TrainEnd> Run(TrainOrder order, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        ended = new TaskCompletionSource<TrainEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        onProgress = progress;
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, JsonFormat.Line).AsMemory(), cancellation);
            await process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It is gone already; its exit code says why.
        }

        await Task.WhenAny(ended.Task, Exit).WaitAsync(cancellation);
        if (ended.Task.IsCompleted)
            return await ended.Task;

        bool killed = process.ExitCode is Killed or Terminated or KilledOnWindows;
        lock (tail)
            return new TrainEnd(
                killed ? TrainEndKind.Killed : TrainEndKind.Failed,
                string.Join("\n", tail.Append($"(exit code {process.ExitCode})")));
    }

    /// <summary>Ends the process, after the training step under way if it can.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        await Task.WhenAny(Exit, Task.Delay(Grace));
        if (!process.HasExited)
            process.Kill(entireProcessTree: true); // what is lost is the time since the last checkpoint
        await Exit;
        process.Dispose();
    }

    /// <summary>The order in a line of the child's input.</summary>
    public static TrainOrder ReadOrder(string line) => JsonSerializer.Deserialize<TrainOrder>(line, JsonFormat.Line)!;

    /// <summary>The line that reports the progress of a run.</summary>
    public static string Line(TrainingProgress progress) => ProgressMark + JsonSerializer.Serialize(progress, JsonFormat.Line);

    /// <summary>The line that reports to the sweep how the run ended.</summary>
    public static string EndLine(TrainEnd end) => EndMark + JsonSerializer.Serialize(end, JsonFormat.Line);

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (line.StartsWith(ProgressMark, StringComparison.Ordinal))
        {
            onProgress(JsonSerializer.Deserialize<TrainingProgress>(line.AsSpan(ProgressMark.Length), JsonFormat.Line)!);
            return;
        }

        if (line.StartsWith(EndMark, StringComparison.Ordinal))
        {
            ended.TrySetResult(JsonSerializer.Deserialize<TrainEnd>(line.AsSpan(EndMark.Length), JsonFormat.Line)!);
            return;
        }

        lock (tail)
        {
            tail.Enqueue(line);
            if (tail.Count > TailLines)
                tail.Dequeue();
        }
    }
}

/// <summary>How a run of a sweep ended.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Said">The last output of a run that failed.</param>
internal sealed record TrainEnd(TrainEndKind Kind, string Said);

/// <summary>The ways a run of a sweep can end.</summary>
internal enum TrainEndKind
{
    /// <summary>The run is trained and scored.</summary>
    Finished,

    /// <summary>Another process is using the run.</summary>
    Locked,

    /// <summary>Something killed its process; the run can be resumed.</summary>
    Killed,

    /// <summary>It ended with an error.</summary>
    Failed,
}
