using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class QuickDropoutTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void InTrainingAShareOfTheValuesIsDroppedAndTheRestGrows(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using var drop = new QuickDropout(0.1);
        drop.train();
        Tensor dropped = drop.call(ones(100, 1000, dtype: type));
        Assert.Equal(type, dropped.dtype);
        Tensor values = dropped.to(float64);
        Assert.Equal(0.1, values.eq(0).to(float64).mean().item<double>(), 0.005); // 5 standard deviations
        Assert.Equal(1 / 0.9, values[values.gt(0)].unique().output.item<double>(), type == ScalarType.BFloat16 ? 4e-3 : 1e-7);
    }

    [Fact]
    public void TheGradientPassesWhereTheValueDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        using var drop = new QuickDropout(0.5);
        drop.train();
        Tensor x = (rand(50, 20) + 1).requires_grad_(true);
        Tensor y = drop.call(x);
        y.sum().backward();
        Assert.True(Bits.AreEqual((y.detach() / x.detach()).round(), x.grad!));
    }

    [Fact]
    public void OutsideTrainingNothingIsDropped()
    {
        using DisposeScope scope = NewDisposeScope();
        using var drop = new QuickDropout(0.9);
        drop.eval();
        Tensor x = rand(50, 20);
        Assert.True(Bits.AreEqual(x, drop.call(x)));
    }
}
