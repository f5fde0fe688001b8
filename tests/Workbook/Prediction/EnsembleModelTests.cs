using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Prediction;
using static TorchSharp.torch;

namespace C2FVL.Tests.Workbook.Prediction;

[Collection(nameof(SeededTorch))]
public sealed class EnsembleModelTests
{
    [Fact]
    public void ItsProbabilityIsTheMeanOfItsMembersEachWithTheTextItIsGiven()
    {
        manual_seed(1);
        using SegmentationModel a = (UNetSettings.Tiny with { ImageSize = 32 }).Create();
        using SegmentationModel b = (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
        using SegmentationModel c = (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
        using var ensemble = new EnsembleModel([(a, true), (b, true), (c, false)]);
        ensemble.eval();
        Assert.False(c.training);
        Assert.True(ensemble.UsesText);
        Assert.Equal(a.ParameterCount + b.ParameterCount + c.ParameterCount, ensemble.ParameterCount);

        using var _ = no_grad();
        using Tensor image = rand(2, 3, 32, 32);
        using Tensor text = tensor(
            new LesionReport(true, 2, Zones.LeftLower | Zones.RightUpper).ToVector()).repeat(2, 1);
        using Tensor missing = tensor(TextVector.Missing).repeat(2, 1);
        using Tensor mean = (a.call(image, text).Probability
            + b.call(image, text).Probability + c.call(image, missing).Probability) / 3;
        using Tensor found = ensemble.call(image, text).Probability;
        Assert.Equal([2, 1, 32, 32], found.shape);
        Assert.True(found.allclose(mean, rtol: 0, atol: 1e-6));
        using Tensor given = c.call(image, text).Probability, none = c.call(image, missing).Probability;
        Assert.False(
            given.allclose(none, rtol: 0, atol: 1e-4)); // else this test could not tell what the third was given
    }

    [Fact]
    public void AnEnsembleOfNoneIsRefused() =>
        Assert.Equal("An ensemble needs at least one network.", Assert
            .Throws<ArgumentException>(() => new EnsembleModel([])).Message);
}
