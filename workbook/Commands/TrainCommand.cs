using System.CommandLine;
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
        var checkpoint = new Option<double>("--checkpoint-seconds") { Description = "How often a checkpoint is written within an epoch.", DefaultValueFactory = _ => 300 };
        command.Options.Add(dryRun);
        command.Options.Add(track);
        command.Options.Add(checkpoint);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                RunSpec run = spec.Read(parsed);
                if (parsed.GetValue(dryRun))
                    DryRun(run);
                else
                    Train(run, new RunStore { CheckpointEvery = TimeSpan.FromSeconds(parsed.GetValue(checkpoint)) }, parsed.GetValue(track), cancellation);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static void Train(RunSpec spec, RunStore store, bool track, CancellationToken cancellation)
    {
        Console.WriteLine($"{spec.Model.Name} on {spec.Data.Set}, {RunStore.ScaleName(spec.Scale)} scale, text {spec.Text}: {store.FolderOf(spec)}");
        Console.WriteLine(Devices.Describe());
        Run run = TrainingDisplay.Show(report => store.GetOrTrain(spec, report, cancellation));
        EpochRecord best = run.History.Where(e => !double.IsNaN(e.ValMeanDice)).MaxBy(e => e.ValMeanDice)!;
        Console.WriteLine(FormattableString.Invariant($"{run.History.Count} epochs, best validation mean Dice {best.ValMeanDice:0.0000} at epoch {best.Epoch}, {run.WallTime:h\\:mm\\:ss}"));
        ScoreDisplay.Show($"{spec.Model.Name}, test cases, {RunStore.ScaleName(spec.Scale)} scale{Demonstration(spec.Scale)}", run.Cases);
        if (track)
            Console.WriteLine($"tracked at {store.Track(run)}");
    }

    private static void DryRun(RunSpec spec)
    {
        TorchLibrary.EnsureLoaded();
        TorchSharp.torch.set_num_threads(spec.Threads);
        RunData data = RunData.Open(spec.Data);
        Seeds.Torch(spec.Seed, "weights");
        using SegmentationModel model = spec.Model.Create();
        BatchSource train = data.Batches(spec, Part.Train);
        (double loss, double seconds) = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, TorchSharp.torch.device(spec.Device)).DryRun(train);
        Console.WriteLine($"{data.Dataset.Name}: {data.Split.Train.Count} training, {data.Split.Val.Count} validation, {data.Split.Test.Count} test cases");
        Console.WriteLine(FormattableString.Invariant($"{spec.Model.Name}: {model.ParameterCount:N0} parameters, {spec.Model.ImageSize} x {spec.Model.ImageSize}, batch {spec.Training.BatchSize}"));
        Console.WriteLine(FormattableString.Invariant($"first step: loss {loss:0.0000}, {seconds:0.00} s; an epoch has {train.BatchCount} steps. Nothing was written."));
    }

    internal static string Demonstration(Scale scale) => scale == Scale.Phantom ? " (phantoms: a demonstration, no result)" : "";
}
