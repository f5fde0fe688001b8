using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using C2FVL.Workbook.Runs;
using C2FVL.Workbook.Sweeps;
using TorchSharp;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook train</c>: trains a run, or goes on with it, and tests its best weights.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Trains a run (or resumes it, or loads it if it is finished) and scores its best weights on the test cases.");
        var spec = new SpecOptions(command);
        var accept = new StoreOptions(command);
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Pass one batch through data, model and loss, and write no run. It fails for the same "
                + "reasons as the run would.",
        };
        var track = new Option<bool>("--track") { Description = "Copy the finished run's small files to data/results." };
        var checkpoint = new Option<double>("--checkpoint-seconds")
        {
            Description = "Seconds between checkpoints within an epoch.",
            DefaultValueFactory = _ => 300,
        }.Within(0, 1e7);
        var scoreWith = new Option<TextMode[]>("--score-with")
        {
            Description = "Also score the test cases with this text, and write them to the run's cases-TEXT.csv. You "
                + "can repeat this option.",
        };
        var skipHeld = new Option<bool>("--skip-held")
        {
            Description = "If another process is using the run (locked), skip it with exit code 0.",
        };
        var tf32 = new Option<bool>("--tf32")
        {
            Description = "On a GPU, compute matrix products and convolutions in TF32: faster, with a 10-bit mantissa.",
        };
        var tensorBoard = new Option<bool>("--tensorboard")
        {
            Description = "Write each epoch's numbers and a panel of validation images to the run's folder, for "
                + "TensorBoard.",
        };
        Option<TimeSpan?> until = StopTime.Option();
        var fast = new Option<bool>("--fast")
        {
            Description = "A trial in seconds: one batch of each set goes through training, validation, testing, "
                + "weights, events and report page. No run is kept.",
        };
        var child = new Option<bool>("--child") { Hidden = true };
        foreach (Option option in new Option[] { dryRun, track, checkpoint, scoreWith, skipHeld, tf32, tensorBoard,
            until, fast, child })
            command.Options.Add(option);
        var json = new JsonOption(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using JsonOutput result = json.Begin(parsed);
                RunSpec run = spec.Read(parsed);
                IReadOnlyList<RunSpec> folds = FoldTable.Expand(run);
                RunStore store = accept.Read(
                    parsed,
                    parsed.GetValue(checkpoint),
                    onEpoch: parsed.GetValue(tensorBoard) ? new TensorBoardLog().Write : null);
                TextMode[] texts = parsed.GetValue(scoreWith) ?? [];
                if (parsed.GetValue(fast) || parsed.GetValue(dryRun))
                {
                    string trial = parsed.GetValue(fast) ? fast.Name : dryRun.Name;
                    foreach (Option other in new Option[] { track, until, skipHeld, json.Option, dryRun })
                    {
                        if (other.Name != trial && parsed.GetResult(other) is { Implicit: false })
                            throw new ArgumentException($"{trial} keeps no run, so {other.Name} does not go with it.");
                    }

                    if (folds.Count > 1)
                        Console.WriteLine($"fold 1 of {folds.Count}, for a trial");
                }

                if (parsed.GetValue(tf32))
                    AllowTf32(run);
                if (parsed.GetValue(fast))
                    FastTrial.Run(folds[0], store.LeastReports, texts, cancellation);
                else if (parsed.GetValue(dryRun))
                    DryRun(folds[0], store, cancellation);
                else if (parsed.GetValue(child))
                    TrainAsChild(store, cancellation);
                else if (parsed.GetValue(until) is TimeSpan time)
                {
                    return TrainUntil(run, time, cancellation, stop => TrainAll(
                        folds, store, texts, parsed.GetValue(track), parsed.GetValue(skipHeld), result, stop));
                }
                else
                {
                    TrainAll(
                        folds, store, texts, parsed.GetValue(track), parsed.GetValue(skipHeld), result, cancellation);
                }

                return 0;
            },
            CancellationToken.None));
        return command;
    }

    /// <returns>The exit code.</returns>
    private static int TrainUntil(
        RunSpec spec, TimeSpan time, CancellationToken cancellation, Action<CancellationToken> train)
    {
        using var stop = new StopTime(time, cancellation);
        try
        {
            train(stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsReached)
        {
            string after = FormattableString.Invariant($"{(int)time.TotalHours}:{time:mm\\:ss}");
            Console.WriteLine($"{spec.Model.Name} on {spec.Data.Set}: stopped after {after} because of --until. It "
                + "is not finished; repeat the command to resume.");
            return StopTime.ExitCode;
        }
    }

    /// <summary>As a sweep starts it: runs as they are ordered, until the input is closed, be it by the sweep or by its end.</summary>
    private static void TrainAsChild(RunStore store, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var orders = new BlockingCollection<TrainOrder>();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is string line)
                orders.Add(TrainProcess.ReadOrder(line));
            orders.CompleteAdding();
            stop.Cancel();
        }) { IsBackground = true }.Start();

        foreach (TrainOrder order in orders.GetConsumingEnumerable(cancellation))
            Console.WriteLine(TrainProcess.EndLine(TrainAsChild(order, store, stop.Token)));
    }

    private static TrainEnd TrainAsChild(TrainOrder order, RunStore store, CancellationToken cancellation)
    {
        var sinceTold = Stopwatch.StartNew();
        (int, string) last = default;
        try
        {
            ExperimentRow row = order.ToRow("the sweep's list");
            RunStore.Score(store.GetOrTrain(row.Spec, Tell, cancellation), row.AlsoScoredWith, null, cancellation);
            return new TrainEnd(TrainEndKind.Finished, "");
        }
        catch (RunLockedException e)
        {
            return new TrainEnd(TrainEndKind.Locked, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new TrainEnd(TrainEndKind.Failed, CommandRunner.IsExpected(e) ? e.Message : e.ToString());
        }

        void Tell(TrainingProgress progress)
        {
            if (sinceTold.ElapsedMilliseconds < 250 && last == (progress.Epoch, progress.Stage))
                return;
            last = (progress.Epoch, progress.Stage);
            sinceTold.Restart();
            Console.WriteLine(TrainProcess.Line(progress));
        }
    }

    private static void TrainAll(
        IReadOnlyList<RunSpec> specs,
        RunStore store,
        TextMode[] texts,
        bool track,
        bool skipHeld,
        JsonOutput result,
        CancellationToken cancellation)
    {
        Run[] runs = [.. specs.Select(spec => Train(spec, store, texts, track, skipHeld, cancellation)).OfType<Run>()];
        if (runs.Length == 1 && specs.Count == 1)
            result.Write(() => Json(runs[0]));
        if (specs.Count == 1 || runs.Length == 0)
            return;
        FoldTable.Show(
            $"{runs[0].Spec.Model.Name}, {runs.Length} of {specs.Count} folds{Demonstration(runs[0].Spec.Data)}", runs);
        Console.WriteLine("To average their probabilities, use predict or evaluate with --weights "
            + $"{string.Join(' ', runs.Select(run => Path.Combine(run.Folder, Trainer.BestName)))}");
        result.Write(() => FoldTable.Json(runs));
    }

    /// <summary>A finished run for JSON.</summary>
    internal static object Json(Run run)
    {
        EpochRecord? best = run.History.Where(epoch => double.IsFinite(epoch.ValMeanDice))
            .MaxBy(epoch => epoch.ValMeanDice);
        return new
        {
            Run = Path.GetFileName(run.Folder),
            run.Folder,
            Weights = run.HasWeights ? Path.Combine(run.Folder, Trainer.BestName) : null,
            Network = run.Spec.Model.Name,
            Data = run.Spec.Data.Set,
            run.Spec.Data.Fold,
            Epochs = run.History.Count,
            BestEpoch = best?.Epoch,
            BestValidationDice = best?.ValMeanDice,
            Seconds = run.WallTime?.TotalSeconds,
            run.Finished,
            From = run.Spec.From?.Path,
            Test = JsonOutput.Of(run.Cases),
        };
    }

    /// <returns>The finished run; null where another process has it and it is left to that one.</returns>
    private static Run? Train(
        RunSpec spec, RunStore store, TextMode[] texts, bool track, bool skipHeld, CancellationToken cancellation)
    {
        string fold = spec.Data.Folds is int folds ? $", fold {spec.Data.Fold} of {folds}" : "";
        Console.WriteLine($"{spec.Model.Name} on {spec.Data.Set}{fold}, {RunStore.ScaleName(spec.Scale)} preset, text "
            + $"{spec.Text}: {store.FolderOf(spec)}");
        Console.WriteLine($"{Devices.Describe()}, {spec.Threads} threads{(Allocator.KeepsLargeBlocks ? ", large blocks kept on the heap" : "")}");
        if (ShowData(spec.Data, store, cancellation) is RunData data && Seen(spec, data) is string seen)
            Console.WriteLine($"note: {seen}");
        Run run;
        bool trained = false;
        try
        {
            run = TrainingDisplay.Show(report => store.GetOrTrain(
                spec,
                progress =>
                {
                    trained = true;
                    report(progress);
                },
                cancellation));
        }
        catch (RunLockedException) when (skipHeld)
        {
            Console.WriteLine("Another process is using this run (locked), so it is skipped.");
            return null;
        }

        if (!trained)
            Console.WriteLine(Loaded(run));
        EpochRecord best = run.History.Where(e => !double.IsNaN(e.ValMeanDice)).MaxBy(e => e.ValMeanDice)!;
        Console.WriteLine(FormattableString.Invariant($"{run.History.Count} epochs, best validation mean Dice {best.ValMeanDice:0.0000} at epoch {best.Epoch}, {run.WallTime:h\\:mm\\:ss}"));
        ScoreDisplay.Show($"{spec.Model.Name}, test cases, {RunStore.ScaleName(spec.Scale)} "
            + $"preset{Demonstration(spec.Data)}", run.Cases, run.ReportsText());
        Score(run, texts, cancellation);
        foreach (TextMode text in texts)
            ScoreDisplay.Show($"tested with text {text}", RunStore.FindScores(run, text)!, run.ReportsText());
        if (track)
            Console.WriteLine($"copied to {store.Track(run)}");
        return run;
    }

    /// <summary>
    /// Says how many validation and test images the starting weights were trained on, as those of a fold may be.
    /// </summary>
    private static string? Seen(RunSpec spec, RunData data)
    {
        if (spec.From is not { } from || !File.Exists(from.FullPath)
            || RunSpec.FromWeights(from.FullPath)?.Data is not { } own || own.Set != spec.Data.Set)
            return null;
        HashSet<string> trained = [.. RunData.SplitOf(own, data.Dataset).Train];
        Split split = data.Split;
        int val = split.Val.Count(trained.Contains), test = split.Test.Count(trained.Contains);
        return val + test == 0 ? null : $"{from.Path} was trained on {val} of the {split.Val.Count} validation images "
            + $"and {test} of the {split.Test.Count} test images, so their scores are too optimistic.";
    }

    /// <summary>The data in the first lines of a command, or that they are not here.</summary>
    /// <returns>The data; null where they are not on this machine.</returns>
    internal static RunData? ShowData(DataSpec spec, RunStore store, CancellationToken cancellation)
    {
        if (!RunData.IsHere(spec))
        {
            Console.WriteLine($"{spec.Set}: this data set is not on this machine");
            return null;
        }

        RunData data = CaseProgress.Show("checking the files", progress => RunData.Open(spec, progress, cancellation));
        Console.WriteLine(data.ToText());
        return data;
    }

    /// <summary>What a run is that was not trained now, such as "loaded, finished on 2026-11-26 02:51 UTC".</summary>
    internal static string Loaded(Run run)
    {
        string data = run.Provenance?.Data is null ? "; data not recorded" : run.AcceptedChange is string change ? "; "
            + $"the data have changed since ({change})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"loaded, finished on {run.Finished:yyyy-MM-dd HH:mm} UTC{data}: {run.Folder}");
    }

    private static void Score(Run run, TextMode[] texts, CancellationToken cancellation)
    {
        TextMode[] missing = [.. texts.Where(text => !RunStore.HasScores(run, text)).Distinct()];
        if (missing.Length == 0)
            return;
        int done = 0, total = missing.Length * run.Cases.Count;
        CaseProgress.Show($"scoring with {string.Join(", ", missing)}", progress =>
        {
            RunStore.Score(run, missing, n => progress.Report(new DatasetCheckProgress(done += n, total)), cancellation);
            return 0;
        });
    }

    private static void DryRun(RunSpec spec, RunStore store, CancellationToken cancellation)
    {
        ShowData(spec.Data, store, cancellation);
        (_, long parameters, int steps, double loss, double seconds) = store.DryRun(spec, cancellation);
        Console.WriteLine(FormattableString.Invariant($"{spec.Model.Name}: {parameters:N0} parameters, {spec.Model.ImageSize} x {spec.Model.ImageSize}, batch {spec.Training.BatchSize}"));
        Console.WriteLine(FormattableString.Invariant($"first step: loss {loss:0.0000}, {seconds:0.00} s; an epoch has {steps} steps. No run was written."));
    }

    /// <summary>What a table of phantoms says of itself. Own images at the smallest preset are no phantoms.</summary>
    internal static string Demonstration(DataSpec data) => data.IsPhantom ? " (phantoms: for demonstration only)" : "";

    /// <summary>
    /// Lets a GPU round the factors of products and convolutions to TF32 (10 bits of mantissa), which is faster. It
    /// holds for the process.
    /// </summary>
    /// <exception cref="ArgumentException">The device is the CPU, or libtorch does not see it.</exception>
    private static void AllowTf32(RunSpec run)
    {
        if (run.Device == "cpu")
            throw new ArgumentException(
                "--tf32 needs a GPU, and the run's device is cpu. Leave --tf32 out, or add --device cuda.");
        Devices.Use(run.Device, run.Threads);
        torch.backends.cuda.matmul.allow_tf32 = true;
        torch.backends.cudnn.allow_tf32 = true;
    }
}
