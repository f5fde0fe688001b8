using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

public sealed class DiceLossTests
{
    [Fact]
    public void IsTheMeanOverImagesWithSquaredDenominators()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor probability = tensor(new float[] { 1, 0.5f, 0, 0, 0.2f, 0.4f, 0.6f, 0.8f }).reshape(2, 1, 2, 2);
        Tensor mask = tensor(new float[] { 1, 1, 0, 0, 0, 0, 1, 1 }).reshape(2, 1, 2, 2);

        // Inputs halved, so every product is a quarter: overlaps 1.5 / 4 and 1.4 / 4, sizes (1.25 + 2) / 4 and (1.2 + 2) / 4.
        double first = 1 - (2 * 1.5 / 4 + 1e-5) / (3.25 / 4 + 1e-5), second = 1 - (2 * 1.4 / 4 + 1e-5) / (3.2 / 4 + 1e-5);
        Assert.Equal((first + second) / 2, DiceLoss.Compute(probability, mask).item<float>(), 6);
    }

    [Fact]
    public void EmptyPredictionOfAnEmptyMaskCostsNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(0, DiceLoss.Compute(zeros(2, 1, 4, 4), zeros(2, 1, 4, 4)).item<float>());
    }

    /// <summary>Two images of four pixels; the first has the lesion's two, the second none.</summary>
    [Fact]
    public void TheBatchKindsAreWorkedByHand()
    {
        C2FVL.Platform.TorchLibrary.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        Tensor p = tensor(new[] { 1f, 0.5f, 0f, 0f, 0.5f, 0f, 0f, 0f }).reshape(2, 1, 2, 2);
        Tensor t = tensor(new[] { 1f, 1f, 0f, 0f, 0f, 0f, 0f, 0f }).reshape(2, 1, 2, 2);

        // Together: overlap 1.5, sizes 2 and 2. Squared: 1.5 and 2. Background: overlap 5.5, squares 5.5 and 6.
        Assert.Equal(1 - (3.0 / 4), DiceLoss.Compute(p, t, DiceKind.BatchForeground).ToDouble(), 1e-5);
        double lesion = 1 - (3.0 / 3.5), background = 1 - (11.0 / 11.5);
        Assert.Equal((lesion + background) / 2, DiceLoss.Compute(p, t, DiceKind.BatchBothClasses).ToDouble(), 1e-5);
        Assert.Equal(DiceLoss.Compute(p, t).ToDouble(), DiceLoss.Compute(p, t, DiceKind.PerImage).ToDouble());
    }
}
