using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class TransUNetModelTests
{
    [Fact]
    public void TheCamLayersAreMapsFromASixteenthToTheImagesSize()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = TransUNetSettings.Tiny.Create();
        Dictionary<string, Tensor> outputs = Outputs(model, model.CamLayers, rand(2, 3, 64, 64));
        Assert.Equal([[2, 64, 4, 4], [2, 32, 8, 8], [2, 16, 16, 16], [2, 8, 32, 32], [2, 8, 64, 64]], model.CamLayers.Select(layer => outputs[layer].shape));
    }

    /// <summary>With branches that add nothing, the transformer hands each place's token back to that place, normed.</summary>
    [Fact]
    public void TokensGoBackToTheirPlaces()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = TransUNetSettings.Tiny.Create();
        using (no_grad())
        {
            foreach ((string name, Tensor weight) in model.state_dict())
            {
                if (name == "positions" || name.Contains(".attn.proj.", StringComparison.Ordinal) || name.Contains(".mlp.fc2.", StringComparison.Ordinal))
                    weight.zero_();
            }
        }

        Dictionary<string, Tensor> outputs = Outputs(model, ["embed", "toMap.conv"], rand(2, 3, 64, 64));
        Tensor embedded = outputs["embed"]; // (B, C, h, w)
        Tensor normed = (embedded - embedded.mean([1], keepdim: true)) / (embedded.var([1], unbiased: false, keepdim: true) + 1e-6).sqrt();
        Dictionary<string, Tensor> state = model.state_dict();
        Tensor expected = functional.conv2d(normed, state["toMap.conv.weight"], state["toMap.conv.bias"], padding: [1, 1]);
        Assert.True(expected.allclose(outputs["toMap.conv"], atol: 1e-4));
    }

    /// <summary>As released: 32 pixels become 15 in the pool without padding, and the norm of each shortcut has a group a channel.</summary>
    [Fact]
    public void TheReleasedDetailsAreThere()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel released = TransUNetSettings.Tiny.Create(), first = (TransUNetSettings.Tiny with { AsReleased = false }).Create();
        Assert.Equal(15, Outputs(released, ["stage1"], rand(1, 3, 64, 64))["stage1"].shape[2]);
        Assert.Equal(16, Outputs(first, ["stage1"], rand(1, 3, 64, 64))["stage1"].shape[2]);
        Assert.Equal(first.ParameterCount, released.ParameterCount);
        Assert.Equal(0, released.state_dict()["positions"].abs().max().ToDouble());
        Assert.True(first.state_dict()["positions"].abs().max().ToDouble() > 0.01);

        // With a group a channel each channel of the shortcut has mean 0 and variance 1.
        Tensor normed = Outputs(released, ["stage1.0.shortcutNorm"], rand(1, 3, 64, 64))["stage1.0.shortcutNorm"];
        Assert.True(normed.mean([2, 3]).abs().max().ToDouble() < 1e-4);
        Assert.False(Outputs(first, ["stage1.0.shortcutNorm"], rand(1, 3, 64, 64))["stage1.0.shortcutNorm"].mean([2, 3]).abs().max().ToDouble() < 1e-4);
    }

    /// <summary>The skip of the pool is zero at its right and bottom edge, as its map is one pixel smaller there.</summary>
    [Fact]
    public void TheSmallerSkipIsPaddedWithZeros()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = TransUNetSettings.Tiny.Create();
        Tensor? input = null;
        var first = (Module<Tensor, Tensor>)model.named_modules().Single(m => m.name == "up3.convs").module;
        first.register_forward_hook((_, given, output) =>
        {
            input = given.clone().DetachFromDisposeScope();
            return output;
        });
        using IDisposable noGradient = no_grad();
        model.eval();
        model.call(rand(1, 3, 64, 64), zeros(1, 8));
        Tensor skip = input!.narrow(1, 32, 32);
        Assert.Equal([1, 32, 16, 16], skip.shape);
        Assert.Equal(0, skip.select(2, 15).abs().max().ToDouble() + skip.select(3, 15).abs().max().ToDouble());
        Assert.True(skip.select(2, 14).abs().max().ToDouble() > 0);
    }

    /// <summary>A skip is the half of a step's input that follows the map from below; without it the mask is another.</summary>
    [Theory]
    [InlineData("up4.convs.first.conv.weight", 64, 64)]
    [InlineData("up3.convs.first.conv.weight", 32, 32)]
    [InlineData("up2.convs.first.conv.weight", 16, 8)]
    public void EachSkipReachesTheMask(string weight, int below, int skip)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = TransUNetSettings.Tiny.Create();
        model.eval();
        Tensor image = rand(2, 3, 64, 64), text = zeros(2, 8), logits = model.call(image, text).Logits;
        Tensor kernel = model.state_dict()[weight];
        Assert.Equal(below + skip, kernel.shape[1]);
        kernel.narrow(1, below, skip).zero_();
        Assert.False(Bits.AreEqual(logits, model.call(image, text).Logits));
    }

    private static Dictionary<string, Tensor> Outputs(SegmentationModel model, IReadOnlyList<string> layers, Tensor image)
    {
        var outputs = new Dictionary<string, Tensor>();
        Dictionary<string, Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        foreach (string layer in layers)
        {
            ((Module<Tensor, Tensor>)modules[layer]).register_forward_hook((_, _, output) =>
            {
                outputs[layer] = output.clone().DetachFromDisposeScope();
                return output;
            });
        }

        using IDisposable everyLayer = FastPaths.SwitchOff(); // a folded norm's layers are not called
        using IDisposable noGradient = no_grad();
        model.eval();
        model.call(image, zeros(image.shape[0], 8));
        return outputs;
    }
}
