using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class NnUNetModelTests
{
    [Fact]
    public void InTrainingAllButTheTwoCoarsestStagesGiveMasksFinestFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = NnUNetSettings.Tiny.Create();
        model.train();
        Assert.Equal([32L, 16L], model.call(rand(1, 3, 64, 64), zeros(1, 8)).DeepLogits.Select(d => d.shape[2]));
        using SegmentationModel plain = (NnUNetSettings.Tiny with { DeepSupervision = false }).Create();
        plain.train();
        Assert.Empty(plain.call(rand(1, 3, 64, 64), zeros(1, 8)).DeepLogits);
    }

    [Fact]
    public void ZScoreMakesBrightnessAndContrastMeaningless()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = NnUNetSettings.Tiny.Create();
        model.eval();
        Tensor image = rand(1, 3, 64, 64), text = zeros(1, 8);
        Tensor logits = model.call(image, text).Logits, dimmed = model.call(0.2 + (0.5 * image), text).Logits;
        Assert.True((logits - dimmed).abs().max().item<float>() < 1e-3f * logits.abs().max().item<float>());
        Assert.True(model.call(zeros(1, 3, 64, 64), text).Logits.isfinite().all().item<bool>());
    }

    [Fact]
    public void CTClipsAndTheNumbersTravelWithTheWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var folder = new TemporaryFolder();
        NnUNetSettings planned = NnUNetSettings.Tiny with { Normalization = NnUNetNormalization.CT, ClipLow = 0.3, ClipHigh = 0.6, Mean = 0.45, Std = 0.1 };
        using SegmentationModel model = planned.Create(), other = (planned with { ClipLow = 0, ClipHigh = 1, Mean = 0, Std = 1 }).Create();
        model.eval();
        other.eval();
        Tensor image = rand(1, 3, 64, 64), text = zeros(1, 8);
        Tensor logits = model.call(image, text).Logits;
        Assert.True(Bits.AreEqual(logits, model.call(image.clamp(0.3f, 0.6f), text).Logits));

        Weights.Save(model, folder["model.safetensors"]);
        Weights.Load(other, folder["model.safetensors"]);
        Assert.True(Bits.AreEqual(logits, other.call(image, text).Logits));
    }

    [Fact]
    public void IntensitiesAreChangedInTrainingAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor image = rand(8, 3, 64, 64), text = zeros(8, 8);
        using SegmentationModel model = (NnUNetSettings.Tiny with { AugmentIntensities = true }).Create();
        model.train();
        Seeds.Torch(1, "step");
        Tensor first = model.call(image, text).Logits;
        Seeds.Torch(2, "step");
        Assert.False(Bits.AreEqual(first, model.call(image, text).Logits));
        Seeds.Torch(1, "step");
        Assert.True(Bits.AreEqual(first, model.call(image, text).Logits));
        model.eval();
        Seeds.Torch(1, "step");
        Tensor plain = model.call(image, text).Logits;
        Seeds.Torch(2, "step");
        Assert.True(Bits.AreEqual(plain, model.call(image, text).Logits));
    }

    [Fact]
    public void MirroringAveragesTheLogitsOfFourPassesWithoutGradientsOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        Seeds.Torch(1, "weights");
        using SegmentationModel plain = NnUNetSettings.Tiny.Create();
        Seeds.Torch(1, "weights");
        using SegmentationModel mirrored = (NnUNetSettings.Tiny with { MirrorAtTest = true }).Create();
        plain.eval();
        mirrored.eval();
        Tensor image = rand(2, 3, 64, 64), text = zeros(2, 8);
        Assert.True(Bits.AreEqual(plain.call(image, text).Logits, mirrored.call(image, text).Logits));

        using IDisposable noGradient = no_grad();
        Tensor expected = plain.call(image, text).Logits;
        foreach (long[] axes in new long[][] { [2], [3], [2, 3] })
            expected = expected + plain.call(image.flip(axes), text).Logits.flip(axes);
        Assert.True((mirrored.call(image, text).Logits - (expected / 4)).abs().max().item<float>() < 1e-5f);
    }
}
