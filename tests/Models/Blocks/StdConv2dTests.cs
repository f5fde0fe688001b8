using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class StdConv2dTests
{
    [Fact]
    public void TheWeightsOfEachOutputChannelHaveMean0AndVariance1()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var conv = new StdConv2d(5, 7, kernel: 3);
        conv.state_dict()["weight"].mul_(3).add_(0.7f);
        Tensor used = conv.Standardized().reshape(7, 45).to(ScalarType.Float64);
        Assert.True(used.mean([1]).abs().max().item<double>() < 1e-6);
        Assert.True((used.square().mean([1]) - 1).abs().max().item<double>() < 1e-4);
    }

    [Fact]
    public void ScaleAndOffsetOfTheWeightsMeanNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var conv = new StdConv2d(3, 4, kernel: 3);
        Tensor image = randn(2, 3, 6, 6), before = conv.call(image);
        conv.state_dict()["weight"].mul_(5).add_(2);
        Assert.True(conv.call(image).allclose(before, rtol: 1e-3, atol: 1e-3));
    }

    [Theory]
    [InlineData(1, 1, 8)]
    [InlineData(3, 1, 8)]
    [InlineData(3, 2, 4)]
    [InlineData(7, 2, 4)]
    public void TheMapKeepsItsSizeOverTheStride(int kernel, int stride, int side)
    {
        using DisposeScope scope = NewDisposeScope();
        using var conv = new StdConv2d(3, 2, kernel, stride);
        Assert.Equal([1, 2, side, side], conv.call(rand(1, 3, 8, 8)).shape);
    }
}
