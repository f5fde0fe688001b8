using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

[Collection(nameof(SeededTorch))]
public sealed class PresetsTests
{
    [Fact]
    public void FullIsThePapersResolutionAndAllOfItsCasesInOneCycleThatEndsLow()
    {
        RunSpec full = Presets.For(Scale.Full);
        Assert.Equal((224, 32, 16), (full.Model.ImageSize, ((C2FVLSettings)full.Model).Width, ((C2FVLSettings)full.Model).Patch));
        // All training and test cases, 5716 and 2113; 400 of 1429 validate.
        Assert.Equal(new DataSpec { Set = "QaTa-COV19", Val = 400 }, full.Data);
        Assert.Equal((Augmentation.None, CosineAlignment.Up), (full.Augmentation, full.Loss.Cosine));
        TrainingSettings training = full.Training;
        Assert.Equal(training.Epochs, training.RestartPeriod);
        Assert.Equal(1e-3, training.LearningRateAt(0, training.Epochs, 0, 715));
        Assert.InRange(training.LearningRateAt(training.Epochs - 1, training.Epochs, 714, 715), 1e-5, 1.1e-5);
        Assert.Equal(32, ((UNetSettings)Presets.For(Scale.Full, model: "UNet").Model).Width);
    }

    [Fact]
    public void EveryMethodHasASizeBetweenMiniAndPaperAtFull()
    {
        foreach (string name in ModelCatalog.Names)
        {
            long[] parameters = [.. new[] { Scale.Mini, Scale.Full, Scale.Paper }.Select(scale => Parameters(ModelCatalog.Get(name, scale)))];
            Assert.True(parameters[0] < parameters[1] && parameters[1] < 0.45 * parameters[2], $"{name}: {string.Join(", ", parameters)}");
            Assert.Equal(224, ModelCatalog.Get(name, Scale.Full).ImageSize);
        }
    }

    [Theory]
    [InlineData(Scale.Mini)]
    [InlineData(Scale.Full)]
    [InlineData(Scale.Paper)]
    public void MethodsWithATrainingOfTheirOwnBringIt(Scale scale)
    {
        RunSpec nnUNet = Presets.For(scale, model: "nnUNet"), swin = Presets.For(scale, model: "Swin-UNet"), trans = Presets.For(scale, model: "TransUNet");
        var planned = (NnUNetSettings)nnUNet.Model;
        Assert.Equal((true, true, Augmentation.NnUNet, NnUNetPlan.Loss), (planned.MirrorAtTest, planned.AugmentIntensities, nnUNet.Augmentation, nnUNet.Loss));
        Assert.Equal((ScheduleKind.Polynomial, false, 12.0), (nnUNet.Training.Schedule, nnUNet.Training.ScheduleByStep, nnUNet.Training.GradientClip));
        Assert.Equal((0.6, 0.4, DiceKind.BatchBothClasses, CrossEntropyKind.Plain), (swin.Loss.Dice, swin.Loss.Bce, swin.Loss.DiceKind, swin.Loss.CrossEntropy));
        Assert.Equal((0.5, 0.5, DiceKind.BatchBothClasses), (trans.Loss.Dice, trans.Loss.Bce, trans.Loss.DiceKind));
        Assert.All(new[] { swin, trans }, spec => Assert.Equal((OptimizerKind.AdamW, 1.0), (spec.Training.Optimizer, spec.Training.WarmupEpochs)));
        Assert.All(new[] { "UNet", "AttUNet", "UNet++", "C2FVL" }, name => Assert.Equal(new LossSettings(), Presets.For(scale, model: name).Loss));
    }

    [Fact]
    public void NoSpecOfOldMeansSomethingElse()
    {
        // Every tracked spec is read and written back as it was, so that each finds its own results.
        string[] specs = Directory.GetFiles(Path.Combine(SharedData.Repository, "data", "results", "mini"), "spec.json", SearchOption.AllDirectories);
        Assert.True(specs.Length > 40);
        foreach (string path in specs)
        {
            RunSpec spec = RunSpec.Load(path);
            Assert.Equal(File.ReadAllText(path).TrimEnd(), spec.ToJson());
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(path)), spec.Name);
        }
    }

    private static long Parameters(ModelSettings settings)
    {
        using SegmentationModel model = settings.Create();
        return model.ParameterCount;
    }
}
