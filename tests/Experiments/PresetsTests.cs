using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class PresetsTests
{
    [Fact]
    public void FullIsThePapersResolutionAndAllOfItsCasesInOneCycleThatEndsLow()
    {
        RunSpec full = Presets.For(Scale.Full);
        Assert.Equal((224, 32, 16), (full.Model.ImageSize, ((C2FVLSettings)full.Model).Width, ((C2FVLSettings)full.Model).Patch));
        Assert.Equal(new DataSpec { Set = "QaTa-COV19" }, full.Data); // no list of cases: 5716, 1429 and 2113
        Assert.Equal((Augmentation.TextConsistent, CosineAlignment.Up), (full.Augmentation, full.Loss.Cosine));
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

    private static long Parameters(ModelSettings settings)
    {
        using SegmentationModel model = settings.Create();
        return model.ParameterCount;
    }
}
