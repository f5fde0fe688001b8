using C2FVL.Models;
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

        using IDisposable noGradient = no_grad();
        model.eval();
        model.call(image, zeros(image.shape[0], 8));
        return outputs;
    }
}
