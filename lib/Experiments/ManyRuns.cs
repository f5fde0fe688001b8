using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json;
using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// Many runs with one call: it loads finished ones, resumes interrupted ones and trains missing ones. The console's
/// <c>sweep</c> trains several at once, each in its own process. If the console is not built, the runs train one after
/// another in this process, bit-equal, because the spec contains the thread count.
/// </summary>
public static class ManyRuns
{
    /// <summary>The beginning of a console line that reports progress and failed runs.</summary>
    internal const string ProgressMark = "progress ", FailedMark = "failed ";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40), ComeBack = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="TrainAll(RunStore, IEnumerable{ExperimentRow}, bool, CancellationToken)"/>
    public static IReadOnlyList<Run> TrainAll(
        this RunStore store, IEnumerable<RunSpec> specs, bool needWeights = false,
        CancellationToken cancellation = default) =>
        store.TrainAll(specs.Select(spec => new ExperimentRow("", spec.Name, spec)), needWeights, cancellation);

    /// <summary>
    /// Finishes every run and shows the progress below the notebook cell or in the terminal. After any stop every run
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
            Action<SweepProgress> report = p => live.Report(p.Done, p.Total + 1, $"{p}");
            if (FindConsole() is string console)
                TrainInProcesses(console, store, wanted, needWeights, report, cancellation);
            else
                TrainHere(store, wanted, needWeights, report, cancellation);
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
        RunStore store, IReadOnlyList<ExperimentRow> rows, bool needWeights, Action<SweepProgress> report,
        CancellationToken cancellation)
    {
        double all = rows.Sum(row => row.Epochs), done = 0, trained = 0; // epochs; trained are those of this call
        int finished = 0;
        var clock = Stopwatch.StartNew();
        var failures = new List<(string Run, string Message)>();
        var queue = new Queue<ExperimentRow>(rows);
        while (queue.TryDequeue(out ExperimentRow? row))
        {
            double? resumedAt = null;
            double former = trained;
            try
            {
                if (store.FindFinished(row, needWeights) is null)
                    RunStore.Score(
                        store.GetOrTrain(row.Spec, Step, cancellation), row.AlsoScoredWith, null, cancellation);
                finished++;
            }
            catch (RunLockedException)
            {
                Report(done, $"{row.Name}: locked by another process");
                queue.Enqueue(row);
                cancellation.WaitHandle.WaitOne(ComeBack);
                cancellation.ThrowIfCancellationRequested();
                continue;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failures.Add(($"{row.Name} ({row.Spec.Name})", e.Message)); // the rest goes on
            }

            done += row.Epochs;
            Report(done);

            void Step(TrainingProgress progress)
            {
                bool isTest = progress.Stage == TrainingProgress.Test;
                double epochs = isTest ? row.Epochs : (double)progress.Done / Math.Max(1, progress.Total) * row.Epochs;
                trained = former + epochs - (resumedAt ??= epochs);
                Report(done + epochs, $"{row.Name}: {(isTest ? "test" : $"epoch {progress.Epoch}/{progress.Epochs}")}");
            }
        }

        if (failures.Count > 0)
            throw new SweepException(failures, rows.Count);

        void Report(double epochs, params string[] active) => report(
            new SweepProgress(
                finished, failures.Count, rows.Count, active, epochs, all,
                SweepProgress.Left(trained, all - epochs, clock.Elapsed)));
    }

    /// <summary>
    /// The console's sweep reads the runs from its input. It stops when the input is closed, and the runs can resume.
    /// </summary>
    private static void TrainInProcesses(
        string console, RunStore store, IReadOnlyList<ExperimentRow> rows, bool needWeights,
        Action<SweepProgress> report, CancellationToken cancellation)
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

        SweepException? failed = null;
        while (sweep.StandardOutput.ReadLine() is string line)
        {
            if (line.StartsWith(ProgressMark, StringComparison.Ordinal))
                report(JsonSerializer.Deserialize<SweepProgress>(line.AsSpan(ProgressMark.Length), JsonFormat.Line)!);
            else if (line.StartsWith(FailedMark, StringComparison.Ordinal))
                failed = new SweepException(
                    JsonSerializer.Deserialize<(string, string)[]>(line.AsSpan(FailedMark.Length), JsonFormat.Line)!,
                    rows.Count);
            else
                Keep(line);
        }

        sweep.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (failed is not null)
            throw failed;
        if (sweep.ExitCode != 0)
            throw new IOException(
                $"The sweep's process exited with code {sweep.ExitCode}. Run this again: finished runs are kept.\n"
                    + said.ToString().Trim());

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
        if (!File.Exists(console) || !File.Exists(library))
            return null;
        using var image = new PEReader(File.OpenRead(library));
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid) == typeof(ManyRuns).Module.ModuleVersionId
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

/// <summary>The progress of a sweep, all its runs together.</summary>
/// <param name="Finished">Runs that are trained and scored, including those that were finished before.</param>
/// <param name="Failed">Runs that ended with an error.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Active">The runs in progress, one line per run.</param>
/// <param name="Epochs">Epochs done over all runs, including the finished part of the current ones.</param>
/// <param name="AllEpochs">The largest number of epochs over all runs.</param>
/// <param name="TimeLeft">An estimate from the epochs of this session, without early stopping; null before the first
/// epoch.</param>
internal sealed record SweepProgress(
    int Finished, int Failed, int Runs, IReadOnlyList<string> Active, double Epochs, double AllEpochs,
    TimeSpan? TimeLeft)
{
    /// <summary>Work done, in thousandths of an epoch.</summary>
    public long Done => (long)(1000 * Epochs);

    /// <summary>All work, in thousandths of an epoch.</summary>
    public long Total => (long)(1000 * AllEpochs);

    /// <summary>The time that epochs take at the present speed; null before the first epoch.</summary>
    public static TimeSpan? Left(double trained, double left, TimeSpan elapsed) =>
        trained > 0 && left > 0 ? TimeSpan.FromSeconds(Math.Min(left * elapsed.TotalSeconds / trained, 1e7)) : null;

    public override string ToString() => string.Join("; ", [
        $"{Finished} of {Runs} runs{(Failed > 0 ? $", {Failed} failed" : "")}", .. Active,
        .. TimeLeft is TimeSpan time ? [$"about {(int)time.TotalHours}:{time:mm\\:ss} left"] : (string[])[]]);
}

/// <summary>Some runs of a sweep failed; the others are finished and kept.</summary>
/// <param name="failures">Each failed run's name and its last message.</param>
/// <param name="runs">All runs of the sweep.</param>
public sealed class SweepException(IReadOnlyList<(string Run, string Message)> failures, int runs)
    : Exception(
        $"{failures.Count} of {runs} runs failed; the others are finished. Run the sweep again to repeat only these.\n"
        + string.Join("\n", failures.GroupBy(failure => failure.Message).Select(Text)))
{
    /// <summary>Each failed run's name and its last message.</summary>
    public IReadOnlyList<(string Run, string Message)> Failures { get; } = failures;

    /// <summary>The same message of several runs is shown once, below their names.</summary>
    private static string Text(IGrouping<string, (string Run, string Message)> alike) =>
        $"{string.Join(",\n", alike.Select(failure => failure.Run))}: {alike.Key}";
}
