using System.Diagnostics;
using System.Text;
using System.Text.Json;
using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>
/// Many runs with one call: it loads finished ones, resumes interrupted ones and trains missing ones. The console's
/// <c>sweep</c> trains several at once, each in its own process. If the console is not built, the runs train one after
/// another in this process, bit-equal, because the spec contains the thread count.
/// </summary>
public static class ManyRuns
{
    /// <summary>The first word of a line in which the console's sweep reports progress.</summary>
    internal const string ProgressMark = "progress";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40), ComeBack = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="TrainAll(RunStore, IEnumerable{ExperimentRow}, bool, CancellationToken)"/>
    public static IReadOnlyList<Run> TrainAll(
        this RunStore store, IEnumerable<RunSpec> specs, bool needWeights = false,
        CancellationToken cancellation = default) =>
        store.TrainAll(specs.Select(spec => new ExperimentRow("", spec.Name, spec)), needWeights, cancellation);

    /// <summary>
    /// Finishes every run and shows the progress below the notebook cell. After any stop every run
    /// can resume. Other processes may work on the same list: each run is trained by one process.
    /// </summary>
    /// <param name="store">Where the runs are kept.</param>
    /// <param name="rows">What to run and to score; equal specs are one run.</param>
    /// <param name="needWeights">Whether each run's weights are needed here. The default is false: a run whose results
    /// are tracked, with the scores that its rows ask for, counts as finished.</param>
    /// <param name="cancellation">Stops every run after the current step; the default is the notebook cell's
    /// interruption.</param>
    /// <returns>The runs, each spec once, in the order of the rows.</returns>
    /// <exception cref="SweepException">Some runs failed; the others are finished and kept.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<Run> TrainAll(
        this RunStore store, IEnumerable<ExperimentRow> rows, bool needWeights = false,
        CancellationToken cancellation = default)
    {
        ExperimentRow[] wanted = Distinct(rows);
        cancellation = NotebookCell.Interrupt(cancellation);
        var live = new LiveProgress($"Training {wanted.Length} runs");
        if (wanted.Any(row => store.FindFinished(row, needWeights) is null))
        {
            if (FindConsole() is string console)
                TrainInProcesses(console, store, wanted, needWeights, live, cancellation);
            else
                TrainHere(store, wanted, needWeights, cancellation);
        }

        live.Report(1, 1, $"{wanted.Length} runs");
        return [.. wanted.Select(row => store.FindFinished(row, needWeights)!)];
    }

    /// <summary>Each spec once, under its first name, with the other texts that all its rows ask for.</summary>
    internal static ExperimentRow[] Distinct(IEnumerable<ExperimentRow> rows) =>
        [.. from row in rows
            group row by row.Spec.Name into same
            let first = same.First()
            let texts = same.SelectMany(row => row.AlsoScoredWith).Where(text => text != first.Spec.Text).Distinct()
            select first with { AlsoScoredWith = [.. texts] }];

    /// <summary>The run, if it is finished with everything that was requested.</summary>
    internal static Run? FindFinished(this RunStore store, ExperimentRow row, bool needWeights)
    {
        Run? run = needWeights && !store.IsFinished(row.Spec) ? null : store.Find(row.Spec);
        return run is not null && row.AlsoScoredWith.All(text => RunStore.HasScores(run, text)) ? run : null;
    }

    /// <summary>One after another; waits for a run that another process is training.</summary>
    internal static void TrainHere(
        RunStore store, IReadOnlyList<ExperimentRow> rows, bool needWeights, CancellationToken cancellation)
    {
        var failures = new List<(string Run, string Message)>();
        var queue = new Queue<ExperimentRow>(rows);
        while (queue.TryDequeue(out ExperimentRow? row))
        {
            try
            {
                if (store.FindFinished(row, needWeights) is null)
                    RunStore.Score(
                        store.GetOrTrain(row.Spec, null, cancellation), row.AlsoScoredWith, null, cancellation);
            }
            catch (RunLockedException)
            {
                queue.Enqueue(row);
                cancellation.WaitHandle.WaitOne(ComeBack);
                cancellation.ThrowIfCancellationRequested();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failures.Add(($"{row.Name} ({row.Spec.Name})", e.Message)); // the rest goes on
            }
        }

        if (failures.Count > 0)
            throw new SweepException(failures, rows.Count);
    }

    /// <summary>
    /// The console's sweep reads the runs from its input. It stops when the input is closed, and the runs can resume.
    /// </summary>
    private static void TrainInProcesses(
        string console, RunStore store, IReadOnlyList<ExperimentRow> rows, bool needWeights,
        LiveProgress live, CancellationToken cancellation)
    {
        using Process sweep = Process.Start(
            Start(console, store, needWeights ? ["sweep", "--child", "--need-weights"] : ["sweep", "--child"]))!;
        var said = new StringBuilder();
        sweep.ErrorDataReceived += (_, line) => Keep(line.Data);
        sweep.BeginErrorReadLine();
        foreach (ExperimentRow row in rows)
            sweep.StandardInput.WriteLine(JsonSerializer.Serialize(TrainOrder.Of(row), JsonFormat.Line));
        sweep.StandardInput.WriteLine(); // the list's end
        sweep.StandardInput.Flush();
        using CancellationTokenRegistration stop = cancellation.Register(() =>
        {
            sweep.StandardInput.Close();
            if (!sweep.WaitForExit(Grace))
                sweep.Kill(entireProcessTree: true); // what is lost is the time since the last checkpoints
        });

        while (sweep.StandardOutput.ReadLine() is string line)
        {
            if (line.Split(' ', 4) is [ProgressMark, string done, string total, string words])
                live.Report(long.Parse(done), long.Parse(total) + 1, words);
            else
                Keep(line);
        }

        sweep.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (sweep.ExitCode != 0)
            throw new SweepException(
                $"{said}\nThe sweep exited with code {sweep.ExitCode}. Run this again: finished runs are kept.".Trim());

        void Keep(string? line)
        {
            lock (said)
                said.AppendLine(line);
        }
    }

    /// <summary>
    /// The console of this build of the library; null if it is not built or belongs to another build, whose results
    /// might differ.
    /// </summary>
    private static string? FindConsole()
    {
        string folder = Path.Combine(Workspace.Root, "workbook", "bin");
        string console = Path.Combine(folder, "workbook.dll"), library = Path.Combine(folder, "C2FVL.Lib.dll");
        return File.Exists(console) && File.Exists(library)
            && File.ReadAllBytes(library).SequenceEqual(File.ReadAllBytes(typeof(ManyRuns).Assembly.Location))
            ? console
            : null;
    }

    /// <summary>How to start a console command that trains runs of a store.</summary>
    internal static ProcessStartInfo Start(string console, RunStore store, params IEnumerable<string> arguments)
    {
        string? own = Environment.ProcessPath;
        string[] options = [
            .. store.AcceptChangedData ? ["--accept-changed-data"] : (string[])[],
            "--accept-reports", FormattableString.Invariant($"{store.LeastReports}"),
            "--checkpoint-seconds", FormattableString.Invariant($"{store.CheckpointEvery.TotalSeconds}")];
        return new ProcessStartInfo(
            Path.GetFileNameWithoutExtension(own) == "dotnet" ? own! : "dotnet", [console, .. arguments, .. options])
        {
            WorkingDirectory = Workspace.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["C2FVL_RUNS"] = store.Folder },
        };
    }
}

/// <summary>A run in a line of a training process's input.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="Spec">Its spec, as <see cref="RunSpec.ToJson"/> writes it.</param>
/// <param name="Texts">Other texts to score its test cases with.</param>
internal sealed record TrainOrder(string Label, string Spec, IReadOnlyList<TextMode> Texts)
{
    public static TrainOrder Of(ExperimentRow row) => new(row.Name, row.Spec.ToJson(), row.AlsoScoredWith);

    /// <exception cref="InvalidDataException">It is not a spec; the message names the source.</exception>
    public ExperimentRow ToRow(string source) =>
        new("", Label, RunSpec.FromJson(Spec, source)) { AlsoScoredWith = Texts };
}

/// <summary>Some runs of a sweep failed; the others are finished and kept.</summary>
public sealed class SweepException(string message) : Exception(message)
{
    /// <param name="failures">Each failed run's name and its last message, shown once below the names of the runs that
    /// share it.</param>
    /// <param name="runs">All runs of the sweep.</param>
    public SweepException(IReadOnlyList<(string Run, string Message)> failures, int runs)
        : this($"{failures.Count} of {runs} runs failed; the others are finished. Run the sweep again to repeat only "
            + "these.\n" + string.Join("\n", failures.GroupBy(failure => failure.Message, failure => failure.Run)
                .Select(alike => $"{string.Join(",\n", alike)}: {alike.Key}")))
    {
    }
}
