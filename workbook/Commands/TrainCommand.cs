using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook train</c>: trains a run, or goes on with it, and tests its best weights.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Trains a run (or resumes it, or loads it if it is finished) and scores its best weights on the test cases.");
        var spec = new SpecOptions(command);
        var dryRun = new Option<bool>("--dry-run") { Description = "One batch through data, model and loss; writes nothing." };
        var track = new Option<bool>("--track") { Description = "Copy the finished run's small files to data/results." };
        var checkpoint = new Option<double>("--checkpoint-seconds") { Description = "How often a checkpoint is written within an epoch.", DefaultValueFactory = _ => 300 }.Within(0, 1e7);
        var scoreWith = new Option<TextMode[]>("--score-with") { Description = "Score the test cases with this text too, into the run's cases-TEXT.csv; may be given several times." };
        var skipHeld = new Option<bool>("--skip-held") { Description = "Where another process has the run in hand, leave it to that one and end well." };
        var child = new Option<bool>("--child") { Hidden = true };
        foreach (Option option in new Option[] { dryRun, track, checkpoint, scoreWith, skipHeld, child })
            command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                RunSpec run = spec.Read(parsed);
                var store = new RunStore { CheckpointEvery = TimeSpan.FromSeconds(parsed.GetValue(checkpoint)) };
                TextMode[] texts = parsed.GetValue(scoreWith) ?? [];
                if (parsed.GetValue(dryRun))
                    DryRun(run);
                else if (parsed.GetValue(child))
                    TrainAsChild(store, cancellation);
                else
                    Train(run, store, texts, parsed.GetValue(track), parsed.GetValue(skipHeld), cancellation);
                return 0;
            },
            CancellationToken.None));
        return command;
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
            Console.WriteLine(TrainProcess.Line(TrainAsChild(order, store, stop.Token)));
    }

    private static TrainEnd TrainAsChild(TrainOrder order, RunStore store, CancellationToken cancellation)
    {
        var sinceTold = Stopwatch.StartNew();
        (int, string) last = default;
        try
        {
            Run run = store.GetOrTrain(RunSpec.FromJson(order.Spec, "the sweep's order"), Tell, cancellation);
            RunStore.Score(run, order.Texts, null, cancellation);
            return new TrainEnd(TrainEndKind.Finished, "");
        }
        catch (RunHeldException e)
        {
            return new TrainEnd(TrainEndKind.Held, e.Message);
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

    private static void Train(RunSpec spec, RunStore store, TextMode[] texts, bool track, bool skipHeld, CancellationToken cancellation)
    {
        Console.WriteLine($"{spec.Model.Name} on {spec.Data.Set}, {RunStore.ScaleName(spec.Scale)} scale, text {spec.Text}: {store.FolderOf(spec)}");
        Console.WriteLine($"{Devices.Describe()}, {spec.Threads} threads{(Allocator.KeepsLargeBlocks ? ", large blocks kept on the heap" : "")}");
        Run run;
        try
        {
            run = TrainingDisplay.Show(report => store.GetOrTrain(spec, report, cancellation));
        }
        catch (RunHeldException) when (skipHeld)
        {
            Console.WriteLine("Another process has this run in hand; it is left to that one.");
            return;
        }

        EpochRecord best = run.History.Where(e => !double.IsNaN(e.ValMeanDice)).MaxBy(e => e.ValMeanDice)!;
        Console.WriteLine(FormattableString.Invariant($"{run.History.Count} epochs, best validation mean Dice {best.ValMeanDice:0.0000} at epoch {best.Epoch}, {run.WallTime:h\\:mm\\:ss}"));
        ScoreDisplay.Show($"{spec.Model.Name}, test cases, {RunStore.ScaleName(spec.Scale)} scale{Demonstration(spec.Scale)}", run.Cases);
        RunStore.Score(run, texts, null, cancellation);
        foreach (TextMode text in texts)
            ScoreDisplay.Show($"the same with text {text} at the test", RunStore.FindScores(run, text)!);
        if (track)
            Console.WriteLine($"tracked at {store.Track(run)}");
    }

    private static void DryRun(RunSpec spec)
    {
        TorchLibrary.EnsureLoaded();
        TorchSharp.torch.Device device = Devices.Use(spec.Device, spec.Threads);
        RunData data = RunData.Open(spec.Data);
        Seeds.Torch(spec.Seed, "weights");
        using SegmentationModel model = spec.Model.Create();
        BatchSource train = data.Batches(spec, Part.Train);
        (double loss, double seconds) = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, device).DryRun(train);
        Console.WriteLine($"{data.Dataset.Name}: {data.Split.Train.Count} training, {data.Split.Val.Count} validation, {data.Split.Test.Count} test cases");
        Console.WriteLine(FormattableString.Invariant($"{spec.Model.Name}: {model.ParameterCount:N0} parameters, {spec.Model.ImageSize} x {spec.Model.ImageSize}, batch {spec.Training.BatchSize}"));
        Console.WriteLine(FormattableString.Invariant($"first step: loss {loss:0.0000}, {seconds:0.00} s; an epoch has {train.BatchCount} steps. Nothing was written."));
    }

    internal static string Demonstration(Scale scale) => scale == Scale.Phantom ? " (phantoms: a demonstration, no result)" : "";
}
