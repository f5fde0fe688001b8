using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class PatchExpandingTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void ATokenBecomesTheSquareAtItsPlace(int factor)
    {
        const int Side = 3;
        using DisposeScope scope = NewDisposeScope();
        using var expanding = new PatchExpanding(6, 5, factor, Side);
        Tensor tokens = randn(2, Side * Side, 6).requires_grad_();
        Tensor expanded = expanding.call(tokens);
        int wide = Side * factor;
        Assert.Equal([2, wide * wide, 5], expanded.shape);

        expanded.reshape(2, wide, wide, 5)[1].narrow(0, factor, factor).narrow(1, 2 * factor, factor).pow(3).sum().backward();
        Tensor seen = tokens.grad!.abs().sum(2).gt(0);
        Assert.Equal(1, seen.sum().item<long>());
        Assert.True(seen[1, (1 * Side) + 2].item<bool>());
    }

    /// <summary>Depth to space, row by row: with a linear that counts, the square of a token reads like a page.</summary>
    [Fact]
    public void TheSquareIsFilledRowByRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var expanding = new PatchExpanding(1, 2, factor: 2, side: 1);
        expanding.state_dict()["expand.weight"].copy_(tensor(new float[] { 0, 1, 1, 0, 1, 0, 0, 1 }).reshape(8, 1));
        float[] first = [.. expanding.call(ones(1, 1, 1))[0, .., 0].contiguous().data<float>()];
        Assert.Equal([-1, 1, 1, -1], first.Select(v => Math.Sign(v)));
    }
}
