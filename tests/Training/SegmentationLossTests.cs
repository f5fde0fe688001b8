using C2FVL.Models;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

public sealed class SegmentationLossTests
{
    [Fact]
    public void DefaultsAreThePapers()
    {
        var settings = new LossSettings();
        Assert.Equal((0.5, 0.5, CosineAlignment.Up, 0.5, 0.5, 0.5, 0.5), (settings.Dice, settings.Bce, settings.Cosine, settings.Alpha, settings.Beta, settings.Gamma, settings.DeepDecay));
    }

    [Fact]
    public void TotalIsTheWeightedSumOfItsTerms()
    {
        using DisposeScope scope = NewDisposeScope();
        var output = new ModelOutput(Logits(8)) { AlignmentMaps = [Logits(8), Logits(4), Logits(2), Logits(1)], AuxiliaryLoss = tensor(3f) };
        var settings = new LossSettings { Dice = 0.3, Bce = 0.9, Alpha = 0.1, Beta = 0.2, Gamma = 0.4 };

        LossTerms terms = new SegmentationLoss(settings).Compute(output, Mask());

        Assert.Equal(DiceLoss.Compute(output.Probability, Mask()).item<float>(), terms.Dice.item<float>());
        Assert.Equal(WeightedBce.Compute(output.Logits, Mask()).item<float>(), terms.Bce.item<float>());
        Assert.Equal(CosineLoss.Compute(output.AlignmentMaps, CosineAlignment.Up, [0.1, 0.2, 0.4]).item<float>(), terms.Cosine.item<float>());
        Assert.Equal(0.3 * terms.Dice.item<float>() + 0.9 * terms.Bce.item<float>() + terms.Cosine.item<float>() + 3, terms.Total.item<float>(), 5);
    }

    [Fact]
    public void ModelWithoutAlignmentMapsHasNoCosineLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        LossTerms terms = new SegmentationLoss(new LossSettings()).Compute(new ModelOutput(Logits(8)), Mask());
        Assert.Equal(0, terms.Cosine.item<float>());
        Assert.Equal(0.5 * terms.Dice.item<float>() + 0.5 * terms.Bce.item<float>(), terms.Total.item<float>(), 6);
    }

    [Fact]
    public void CoarserOutputsWeighHalfEachAgainstTheirOwnMask()
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = new SegmentationLoss(new LossSettings());
        Tensor fine = Logits(8), half = Logits(4), quarter = Logits(2);
        Tensor[] masks = [Mask(), Mask().narrow(2, 0, 8).reshape(2, 1, 4, 2, 4, 2).mean([3, 5]).ge(0.5).to(ScalarType.Float32), tensor(new float[] { 1, 0, 0, 0, 1, 0, 0, 0 }).reshape(2, 1, 2, 2)];

        float Single(Tensor logits, Tensor mask) => loss.Compute(new ModelOutput(logits), mask).Total.item<float>();
        double expected = (Single(fine, masks[0]) + 0.5 * Single(half, masks[1]) + 0.25 * Single(quarter, masks[2])) / 1.75;

        Assert.Equal(expected, loss.Compute(new ModelOutput(fine) { DeepLogits = [half, quarter] }, Mask()).Total.item<float>(), 5);
    }

    [Fact]
    public void PlainCrossEntropyIsTheMeanOverAllPixels()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits(8), mask = Mask();
        LossTerms plain = new SegmentationLoss(new LossSettings { CrossEntropy = CrossEntropyKind.Plain }).Compute(new ModelOutput(logits), mask);
        Tensor p = logits.sigmoid();
        double expected = -((mask * p.log()) + ((1 - mask) * (1 - p).log())).mean().ToDouble();
        Assert.Equal(expected, plain.Bce.ToDouble(), 1e-5);
        Assert.NotEqual(WeightedBce.Compute(logits, mask).ToDouble(), plain.Bce.ToDouble(), 1e-3);
    }

    [Fact]
    public void NearestTargetsTakeAPixelWhereTheOthersTakeTheArea()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = zeros(1, 1, 4, 4), coarse = zeros(1, 1, 2, 2);
        mask[0, 0, 1, 1] = 1; // a quarter of the first coarse pixel, and as nnU-Net takes it, its nearest
        var output = new ModelOutput(zeros(1, 1, 4, 4)) { DeepLogits = [coarse] };
        double none = Loss(new LossSettings()), nearest = Loss(new LossSettings { NearestTargets = true });
        Assert.True(Math.Abs(none - nearest) > 1e-3);

        double Loss(LossSettings settings) => new SegmentationLoss(settings with { Bce = 0 }).Compute(output, mask).Total.ToDouble();
    }

    [Fact]
    public void WeightOutOfRangeIsNamed()
    {
        Assert.StartsWith("The loss weight Alpha is -1; it must be a number from 0 up.", Assert.Throws<ArgumentException>(() => new SegmentationLoss(new LossSettings { Alpha = -1 })).Message);
        Assert.StartsWith("The loss's DeepDecay is 0; it must be above 0 and at most 1.", Assert.Throws<ArgumentException>(() => new SegmentationLoss(new LossSettings { DeepDecay = 0 })).Message);
    }

    private static Tensor Logits(int side) => arange(2 * side * side).to(ScalarType.Float32).mul(0.9f).add(side).sin().mul(2).reshape(2, 1, side, side);

    /// <summary>A lesion in the upper left quarter, (2, 1, 8, 8).</summary>
    private static Tensor Mask()
    {
        Tensor mask = zeros(2, 1, 8, 8);
        mask.narrow(2, 0, 3).narrow(3, 0, 4).fill_(1);
        return mask;
    }
}
