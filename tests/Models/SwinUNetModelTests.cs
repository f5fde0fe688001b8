using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class SwinUNetModelTests
{
    [Fact]
    public void EveryCamLayerGivesTokensOfASquareMapCoarseToFine()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = SwinUNetSettings.Tiny.Create();
        model.eval();
        var shapes = new Dictionary<string, long[]>();
        Dictionary<string, nn.Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        foreach (string layer in model.CamLayers)
            ((nn.Module<Tensor, Tensor>)modules[layer]).register_forward_hook((_, _, output) => Seen(layer, output));
        model.call(rand(2, 3, 64, 64), zeros(2, 8));
        Assert.Equal([[2, 64, 96], [2, 256, 48], [2, 1024, 24]], model.CamLayers.Select(layer => shapes[layer]));

        Tensor Seen(string layer, Tensor output)
        {
            shapes[layer] = output.shape;
            return output;
        }
    }

    /// <summary>As in the released code, whose finest skip is the embedding of the patches.</summary>
    [Fact]
    public void ASkipIsWhatEntersItsStage()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = SwinUNetSettings.Tiny.Create();
        model.eval();
        Dictionary<string, nn.Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        Tensor? patches = null, joined = null;
        ((nn.Module<Tensor, Tensor>)modules["patchNorm"]).register_forward_hook((_, _, output) => (patches = output.clone().DetachFromDisposeScope(), output).output);
        ((nn.Module<Tensor, Tensor>)modules["joins.1"]).register_forward_pre_hook((_, input) => (joined = input.clone().DetachFromDisposeScope(), input).input);
        model.call(rand(2, 3, 64, 64), zeros(2, 8));
        Assert.True(Bits.AreEqual(patches!, joined!.narrow(2, 24, 24)));
    }

    [Fact]
    public void LinearsStartFromANormalThatKeepsTheScale()
    {
        using DisposeScope scope = NewDisposeScope();
        Seeds.Torch(1, "weights");
        using SegmentationModel model = SwinUNetSettings.Tiny.Create();
        Assert.All(
            model.named_parameters().Where(p => p.parameter.dim() == 2 && p.name.EndsWith("weight", StringComparison.Ordinal)),
            p => Assert.InRange(p.parameter.std().item<float>() * Math.Sqrt(p.parameter.shape[1]), 0.9, 1.1));
        Assert.All(
            model.named_parameters().Where(p => p.name != "patches.bias" && p.name.EndsWith("bias", StringComparison.Ordinal)),
            p => Assert.Equal(0, p.parameter.count_nonzero().item<long>()));
    }

    /// <summary>With a bias of 0 in the patches' convolution, the norm that follows takes it away.</summary>
    [Fact]
    public void TheBrightnessOfAnEvenPictureReachesTheMask()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = SwinUNetSettings.Tiny.Create();
        model.eval();
        Tensor dark = model.call(full([1, 3, 64, 64], 0.2f), zeros(1, 8)).Logits, bright = model.call(full([1, 3, 64, 64], 0.8f), zeros(1, 8)).Logits;
        Assert.True((dark - bright).abs().max().item<float>() > 0.01 * dark.abs().max().item<float>());
    }

    /// <summary>The released code's decoder: it expands, and then three stages of two blocks each, with the encoder's rates.</summary>
    [Fact]
    public void TheDecoderIsTheReleasedCodes()
    {
        using SegmentationModel model = (SwinUNetSettings.Published with { Width = 12 }).Create();
        Assert.Equal([2, 2, 2], Enumerable.Range(0, 3).Select(stage => model.named_modules().Count(m => m.name.StartsWith($"decoder.{stage}.", StringComparison.Ordinal) && m.name.Count(c => c == '.') == 2)));
        Assert.Equal(0.2, SwinUNetSettings.Published.DropPath);
        Assert.Equal(0.2, SwinUNetSettings.Small.DropPath);
    }

    [Fact]
    public void DroppedPathsComeFromTheSeedAndInTrainingOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = (SwinUNetSettings.Tiny with { DropPath = 0.5 }).Create();
        Tensor image = rand(4, 3, 64, 64), text = zeros(4, 8);
        model.train();
        Assert.True(Bits.AreEqual(Logits(1), Logits(1)));
        Assert.False(Bits.AreEqual(Logits(1), Logits(2)));
        model.eval();
        Assert.True(Bits.AreEqual(Logits(1), Logits(2)));

        Tensor Logits(int seed)
        {
            Seeds.Torch(seed, "paths");
            return model.call(image, text).Logits;
        }
    }

    /// <summary>Four stages, the coarsest of which is a single window of all tokens, as in the published and the small preset.</summary>
    [Fact]
    public void TheWholePictureReachesEveryCorner()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = (SwinUNetSettings.Tiny with { Stages = 4 }).Create();
        Tensor image = rand(1, 3, 64, 64).requires_grad_();
        model.call(image, zeros(1, 8)).Logits[0, 0, 0, 0].backward();
        Assert.True(image.grad!.ne(0).all().item<bool>());
    }
}
