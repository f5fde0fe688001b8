using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class SwinBlockTests
{
    private const int Side = 8;

    /// <summary>Windows of 4 cover 0-3 and 4-7, shifted ones 2-5, and at the edges 0-1 and 6-7, which the roll puts into one window.</summary>
    [Theory]
    [InlineData(false, 3, 3, 0, 3, 0, 3)]
    [InlineData(false, 4, 3, 4, 7, 0, 3)]
    [InlineData(true, 3, 3, 2, 5, 2, 5)]
    [InlineData(true, 0, 0, 0, 1, 0, 1)]
    [InlineData(true, 7, 7, 6, 7, 6, 7)]
    [InlineData(true, 0, 4, 0, 1, 2, 5)]
    public void ATokenSeesItsWindowAndNothingElse(bool shifted, int row, int column, int firstRow, int lastRow, int firstColumn, int lastColumn)
    {
        using DisposeScope scope = NewDisposeScope();
        using var block = SwinBlock.Create(8, heads: 2, Side, window: 4, shifted, mlpRatio: 2, dropPath: 0);
        Tensor seen = Seen(block, row, column);
        for (int r = 0; r < Side; r++)
        {
            for (int c = 0; c < Side; c++)
                Assert.Equal(r >= firstRow && r <= lastRow && c >= firstColumn && c <= lastColumn, seen[r, c].item<bool>());
        }
    }

    [Fact]
    public void AWindowThatIsTheWholeMapIsNotShifted()
    {
        using DisposeScope scope = NewDisposeScope();
        using var block = SwinBlock.Create(8, heads: 2, Side, window: Side, shifted: true, mlpRatio: 2, dropPath: 0);
        Assert.True(Seen(block, 0, 7).all().item<bool>());
    }

    /// <summary>Which tokens of the input the output at a place depends on, (s, s) of bool.</summary>
    private static Tensor Seen(TransformerBlock block, int row, int column)
    {
        Tensor tokens = randn(1, Side * Side, 8).requires_grad_();
        block.call(tokens)[0, (row * Side) + column].pow(2).sum().backward();
        return tokens.grad!.abs().sum(2).gt(0).reshape(Side, Side);
    }
}
