using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class MlpTests
{
    /// <summary>An old build of libtorch returned garbage here (pytorch #112006): GELU's backward pass of a gradient that is not contiguous.</summary>
    [Fact]
    public void GeluWithAStridedGradientMatchesFloat64()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Tensor values = randn(3, 196, 64), gradient = randn(3, 64, 196);

        Tensor Gradient(ScalarType type)
        {
            Tensor x = values.to(type, copy: true).requires_grad_();
            functional.gelu(x).backward([gradient.to(type).transpose(1, 2)]);
            return x.grad!.to(ScalarType.Float64);
        }

        Assert.InRange((Gradient(ScalarType.Float32) - Gradient(ScalarType.Float64)).abs().max().item<double>(), 0, 1e-5);
    }

    [Fact]
    public void GeluFollowsTheSecondLinearToo()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var mlp = new Mlp(8, ratio: 4, dropout: 0, asReleased: true);

        Assert.InRange(mlp.call(randn(2, 50, 8) * 10).min().item<float>(), -0.171, 0); // GELU's least value is -0.17
    }
}
