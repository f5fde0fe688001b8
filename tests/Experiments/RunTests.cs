using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class RunTests
{
    private static readonly RunSpec Spec = Presets.For(Scale.Phantom) with { Data = new DataSpec { Set = "phantom-xray", Train = 100, Val = 10 } };

    [Fact]
    public void ImagesASecondCountTrainingValidationAndTest()
    {
        EpochRecord[] history = [Epoch(1, "pretrain", double.NaN), Epoch(2, "train", 0.5), Epoch(3, "train", 0.6)];
        var run = new Run(Spec, "no such folder", history, [.. ComparisonTests.Of("C2FVL", 0.7).Cases.Take(20)], TimeSpan.FromSeconds(4));

        // Three epochs of 100 images, two of them validated on 10, and 20 tested.
        Assert.Equal((300 + 20 + 20) / 4.0, run.ImagesPerSecond);
        Assert.Equal(double.NaN, (run with { WallTime = null }).ImagesPerSecond);
        Assert.Equal(double.NaN, (run with { Spec = Spec with { Data = Spec.Data with { Train = null } } }).ImagesPerSecond);
    }

    [Fact]
    public void TheSplitOfTheRunIsWhatCounts()
    {
        using var folder = new TemporaryFolder();
        new Split("three and one", ["a", "b", "c"], ["d"], []).Save(folder["split.json"]);
        var run = new Run(Spec, folder.Path, [Epoch(1, "train", 0.5)], [], TimeSpan.FromSeconds(2));
        Assert.Equal((3 + 1) / 2.0, run.ImagesPerSecond);
    }

    [Fact]
    public void TheCTSetsSplitIsKnownWithoutItsLists()
    {
        var run = new Run(Presets.For(Scale.Mini, ImageKind.CT), "no such folder", [Epoch(1, "train", 0.5)], [], TimeSpan.FromSeconds(2));
        Assert.Equal((40 + 10) / 2.0, run.ImagesPerSecond);
    }

    [Fact]
    public void TheCTSetHasTheSplitThatIsTakenForKnown()
    {
        Dataset set = DatasetReader.Read(SharedData.Require("data/medseg-ct"));
        Split split = Split.QaTa4To1(set, Presets.For(Scale.Mini, ImageKind.CT).Data.Seed);
        Assert.Equal((40, 10, 48), (split.Train.Count, split.Val.Count, split.Test.Count));
    }

    private static EpochRecord Epoch(int epoch, string stage, double dice) => new(epoch, stage, 1e-3, 1, 1, 1, 0, dice, dice);
}
