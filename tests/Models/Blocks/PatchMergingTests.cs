using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class PatchMergingTests
{
    [Fact]
    public void ATokenIsMadeOfTheFourAtItsPlace()
    {
        using DisposeScope scope = NewDisposeScope();
        using var merging = new PatchMerging(3, side: 6);
        Tensor tokens = randn(2, 36, 3).requires_grad_();
        Tensor merged = merging.call(tokens);
        Assert.Equal([2, 9, 6], merged.shape);

        merged[1, 5].pow(2).sum().backward(); // row 1, column 2 of 3 x 3
        Tensor seen = tokens.grad!.abs().sum(2).gt(0).reshape(2, 6, 6);
        Assert.Equal(4, seen.sum().item<long>());
        Assert.True(seen[1].narrow(0, 2, 2).narrow(1, 4, 2).all().item<bool>());
    }
}
