using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class AttentionWindowsTests
{
    [Theory]
    [InlineData(1, 4, 2, 3)]
    [InlineData(2, 14, 7, 5)]
    [InlineData(3, 6, 6, 1)]
    public void ReverseUndoesPartition(int batch, int side, int window, int channels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = rand(batch, side, side, channels);
        Tensor windows = AttentionWindows.Partition(map, window);
        Assert.Equal([batch * side * side / (window * window), window * window, channels], windows.shape);
        Assert.True(Bits.AreEqual(map, AttentionWindows.Reverse(windows, window, side)));
    }

    [Fact]
    public void AWindowHoldsASquareOfTheMapRowByRow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor windows = AttentionWindows.Partition(arange(32).reshape(2, 4, 4, 1), 2).squeeze(-1);
        Assert.Equal([0L, 1, 4, 5], windows[0].data<long>());
        Assert.Equal([2L, 3, 6, 7], windows[1].data<long>());
        Assert.Equal([8L, 9, 12, 13], windows[2].data<long>());
        Assert.Equal([16L, 17, 20, 21], windows[4].data<long>()); // the second image's first
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void PairsOfOneOffsetShareANumberAndOthersDoNot(int window)
    {
        using DisposeScope scope = NewDisposeScope();
        int n = window * window;
        long[] positions = [.. AttentionWindows.RelativePositions(window).data<long>()];
        var byOffset = new Dictionary<(int Rows, int Columns), long>();
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                var offset = ((i / window) - (j / window), (i % window) - (j % window));
                long position = positions[(i * n) + j];
                Assert.Equal(byOffset.GetValueOrDefault(offset, position), position);
                byOffset[offset] = position;
            }
        }

        int offsets = ((2 * window) - 1) * ((2 * window) - 1);
        Assert.Equal(Enumerable.Range(0, offsets).Select(i => (long)i), byOffset.Values.Order());
    }

    /// <summary>Against the definition: a pair is allowed where it lies as far apart in the map as in the rolled one.</summary>
    [Theory]
    [InlineData(8, 4, 2)]
    [InlineData(14, 7, 3)]
    [InlineData(6, 2, 1)]
    public void TheShiftsMaskForbidsExactlyThePairsThatTheSeamParts(int side, int window, int shift)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = AttentionWindows.ShiftMask(side, window, shift);
        int n = window * window, across = side / window;
        Assert.Equal([across * across, n, n], mask.shape);
        float[] values = [.. mask.data<float>()];
        for (int w = 0; w < across * across; w++)
        {
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    bool together = Source(Row(i)) - Source(Row(j)) == Row(i) - Row(j)
                        && Source(Column(i)) - Source(Column(j)) == Column(i) - Column(j);
                    Assert.Equal(together ? 0 : AttentionWindows.Forbidden, values[(((w * n) + i) * n) + j]);
                }
            }

            int Row(int token) => (w / across * window) + (token / window);
            int Column(int token) => (w % across * window) + (token % window);
            int Source(int rolled) => (rolled + shift) % side;
        }
    }
}
