using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class TrainerTests
{
    private static readonly TrainingSettings Short = new() { Epochs = 3, BatchSize = 4, RestartPeriod = 3 };

    [Fact]
    public void ItLearnsAndLeavesHistoryBestAndLast()
    {
        using var folder = new TemporaryFolder();
        TrainingState state = Fit(folder.Path, Short with { Epochs = 6 });
        Assert.True(state.Finished);
        Assert.Equal(6, state.History.Count);
        Assert.True(state.History[^1].Loss < 0.8 * state.History[0].Loss, $"loss {state.History[0].Loss} -> {state.History[^1].Loss}");
        Assert.Equal(state.History.Max(e => e.ValMeanDice), state.BestDice);
        Assert.Equal(state.History, HistoryFile.Read(folder[Trainer.HistoryName]));
        using SegmentationModel model = Model();
        Assert.Equal(state.BestEpoch.ToString(), Weights.Load(model, folder[Trainer.BestName]).Metadata["epoch"]);
        Assert.Contains("epoch 6 train", File.ReadAllText(folder[Trainer.LogName]));
    }

    [Theory]
    [InlineData(1)] // in the first epoch
    [InlineData(5)] // at an epoch's last step
    [InlineData(8)] // in the second epoch
    [InlineData(2, Precision.BFloat16)]
    [InlineData(6, Precision.BFloat16)]
    public void ACancelledTrainingEndsBitEqualToAnUnbrokenOne(
        int stepsBeforeCancel, Precision precision = Precision.Float32)
    {
        TrainingSettings settings = Short with { Precision = precision };
        using var unbroken = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        Fit(unbroken.Path, settings);

        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(broken.Path, settings, _ =>
        {
            if (++steps == stepsBeforeCancel)
                stop.Cancel();
        }, stop.Token));
        Fit(broken.Path, settings);

        foreach (string name in new[] { Trainer.HistoryName, Trainer.BestName, Trainer.LastName })
            SameBytes.InFiles(unbroken[name], broken[name]);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.NesterovSgd)]
    public void EveryOptimisersStateIsResumed(OptimizerKind optimizer)
    {
        using var unbroken = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        TrainingSettings settings = Short with { Optimizer = optimizer, LearningRate = 1e-3, GradientClip = 12, Schedule = ScheduleKind.Polynomial };
        Fit(unbroken.Path, settings);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(broken.Path, settings, _ => { if (++steps == 7) stop.Cancel(); }, stop.Token));
        Fit(broken.Path, settings);
        SameBytes.InFiles(unbroken[Trainer.LastName], broken[Trainer.LastName]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)] // after an epoch's validation, which borrows the average
    public void TheAverageOfTheWeightsIsResumedToTheBit(int stepsBeforeCancel)
    {
        using var unbroken = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        TrainingSettings settings = Short with { AverageDecay = 0.9, WarmupEpochs = 1.5, ScheduleByStep = true };
        Fit(unbroken.Path, settings);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(broken.Path, settings, _ => { if (++steps == stepsBeforeCancel) stop.Cancel(); }, stop.Token));
        Fit(broken.Path, settings);
        foreach (string name in new[] { Trainer.HistoryName, Trainer.BestName, Trainer.LastName })
            SameBytes.InFiles(unbroken[name], broken[name]);
    }

    [Fact]
    public void AveragingChangesWhatIsKeptAndNotWhatIsTrained()
    {
        using var plain = new TemporaryFolder();
        using var averaged = new TemporaryFolder();
        Fit(plain.Path, Short);
        Fit(averaged.Path, Short with { AverageDecay = 0.9 });
        using TensorFile own = Safetensors.Read(plain[Trainer.LastName]), both = Safetensors.Read(averaged[Trainer.LastName]);
        string weight = own.Tensors.Keys.First(name => name.EndsWith(".weight", StringComparison.Ordinal));
        Assert.True(own.Tensors[weight].equal(both.Tensors[weight]).all().ToBoolean());
        Assert.False(both.Tensors[weight].allclose(both.Tensors["average." + weight["model.".Length..]]));
        Assert.Equal(own.Tensors.Keys.Count(name => name.StartsWith("model.", StringComparison.Ordinal)), both.Tensors.Keys.Count(name => name.StartsWith("average.", StringComparison.Ordinal)));
        Assert.DoesNotContain(own.Tensors.Keys, name => name.StartsWith("average.", StringComparison.Ordinal));
        double[] losses = [.. HistoryFile.Read(plain[Trainer.HistoryName]).Select(epoch => epoch.Loss)];
        Assert.Equal(losses, HistoryFile.Read(averaged[Trainer.HistoryName]).Select(epoch => epoch.Loss));
    }

    [Fact]
    public void AnAverageThatACheckpointLacksIsAnError()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Fit(folder.Path, Short, _ => stop.Cancel(), stop.Token));
        Assert.Contains("with other settings: its average.", Assert.Throws<InvalidDataException>(() => Fit(folder.Path, Short with { AverageDecay = 0.9 })).Message);
    }

    [Fact]
    public void ItStopsEarlyWhenValidationGetsNoBetter()
    {
        using var folder = new TemporaryFolder();
        // A learning rate that changes nothing: the first epoch stays the best.
        TrainingState state = Fit(folder.Path, Short with { Epochs = 50, EarlyStop = 2, LearningRate = 1e-12, FloorLearningRate = 0 }, validationSeed: 1);
        Assert.True(state.History.Count < 50, $"{state.History.Count} epochs");
        Assert.Equal(state.BestEpoch + 2, state.History.Count);
    }

    [Fact]
    public void AFinishedTrainingIsNotTrainedAgain()
    {
        using var folder = new TemporaryFolder();
        Fit(folder.Path, Short);
        DateTime before = File.GetLastWriteTimeUtc(folder[Trainer.LastName]);
        int steps = 0;
        Fit(folder.Path, Short, _ => steps++);
        Assert.Equal(0, steps);
        Assert.Equal(before, File.GetLastWriteTimeUtc(folder[Trainer.LastName]));
    }

    [Fact]
    public void ACheckpointOfOtherSettingsIsRefused()
    {
        using var folder = new TemporaryFolder();
        Fit(folder.Path, Short with { Epochs = 1 });
        using SegmentationModel wider = (C2FVLSettings.Tiny with { ImageSize = 32, Width = 16 }).Create();
        var trainer = new Trainer(wider, new SegmentationLoss(new LossSettings()), Short, 1, CPU);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => trainer.Fit(Discs.Batches(20, 1), Discs.Batches(4, 2, training: false), folder.Path));
        Assert.Contains("is a checkpoint of a C2FVL", error.Message);
        Assert.Contains("Give this run a folder of its own.", error.Message);
    }

    [Fact]
    public void ADamagedCheckpointNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        Fit(folder.Path, Short with { Epochs = 1 });
        byte[] bytes = File.ReadAllBytes(folder[Trainer.LastName]);
        File.WriteAllBytes(folder[Trainer.LastName], bytes[..(bytes.Length / 2)]);
        Assert.Contains(folder[Trainer.LastName], Assert.Throws<InvalidDataException>(() => Fit(folder.Path, Short)).Message);
    }

    [Fact]
    public void PretrainingOfAModelWithoutSuchAStageIsAnError()
    {
        using var folder = new TemporaryFolder();
        ArgumentException error = Assert.Throws<ArgumentException>(() => Fit(folder.Path, Short with { PretrainingEpochs = 1 }));
        Assert.Contains("C2FVL has no pretraining stage", error.Message);
    }

    [Fact]
    public void LiveTensorsAndResidentMemoryStayFlatOver200Steps()
    {
        using var folder = new TemporaryFolder();
        var live = new List<long>();
        var resident = new List<long>();
        Fit(folder.Path, Short with { Epochs = 41 }, _ =>
        {
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            if (live.Count % 50 == 0)
                resident.Add(Resident());
        });
        Assert.True(live.Count > 200);
        Assert.Equal(live[6], live[^1]);
        Assert.True(resident[^1] < resident[0] + (32 << 20), $"resident MiB every 50 steps: {string.Join(", ", resident.Select(r => r >> 20))}");
    }

    [Fact]
    public void ADryRunChangesNoWeight()
    {
        using SegmentationModel model = Model();
        byte[] before = model.state_dict()["inc.conv.weight"].bytes.ToArray();
        var trainer = new Trainer(model, new SegmentationLoss(new LossSettings()), Short, 1, CPU);
        (double loss, double seconds) = trainer.DryRun(Discs.Batches(8, 1));
        Assert.True(double.IsFinite(loss) && seconds > 0);
        Assert.Equal(before, model.state_dict()["inc.conv.weight"].bytes.ToArray());
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using System.Diagnostics.Process self = System.Diagnostics.Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    internal static SegmentationModel Model()
    {
        Seeds.Torch(1, "weights");
        return (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
    }

    internal static TrainingState Fit(string folder, TrainingSettings settings, Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default, int validationSeed = 2)
    {
        using SegmentationModel model = Model();
        var trainer = new Trainer(model, new SegmentationLoss(new LossSettings()), settings, 1, CPU) { CreateCopy = Model };
        return trainer.Fit(Discs.Batches(20, 1), Discs.Batches(4, validationSeed, training: false), folder, onProgress, cancellation);
    }
}
