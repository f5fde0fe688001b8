using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class VlabTests
{
    /// <summary>Eq. 4-6 written out for one pixel, in double.</summary>
    [Fact]
    public void EachPixelIsMultipliedByTheWeightOfItsOwnChannels()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        manual_seed(4);
        using var vlab = new Vlab(8);
        Tensor skip = randn(1, 8, 3, 5);
        Dictionary<string, Tensor> state = vlab.state_dict();

        Tensor x = skip[0, .., 1, 4]; // (8)
        double Pool(string branch, Func<Tensor, Tensor> pool)
        {
            Tensor mixed = state[$"conv_{branch}.weight"].reshape(8, 8).matmul(x);
            return pool((state[$"linear_{branch}.weight"].matmul(mixed) + state[$"linear_{branch}.bias"]).relu()).item<float>();
        }

        Tensor pooled = tensor((float)(Pool("avg", t => t.mean()) + Pool("max", t => t.max())));
        Tensor hidden = (state["bottleneck.0.weight"].reshape(4) * pooled + state["bottleneck.0.bias"]).relu();
        Tensor weight = (state["bottleneck.2.weight"].reshape(4) * hidden).sum() + state["bottleneck.2.bias"];

        Assert.Equal((x * weight).data<float>(), vlab.call(skip)[0, .., 1, 4].contiguous().data<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
