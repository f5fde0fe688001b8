using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One block of Swin Transformer, its Eq. 3, over the tokens of a square map: a <see cref="TransformerBlock"/> whose
/// attention stays within windows. (B, s², C) to (B, s², C).
/// </summary>
public static class SwinBlock
{
    /// <param name="channels">Channels C of a token, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="side">The map's side s in tokens, a multiple of <paramref name="window"/>.</param>
    /// <param name="window">The window's side in tokens.</param>
    /// <param name="shifted">Whether the windows are shifted: the map is rolled by half a window before it is cut, so
    /// that its windows cross the borders of the block before. If a single window covers the whole map, nothing is
    /// rolled.</param>
    /// <param name="mlpRatio">The MLP's hidden channels over <paramref name="channels"/>.</param>
    /// <param name="dropPath">Probability that an image skips a branch in training, 0 to below 1.</param>
    public static TransformerBlock Create(
        long channels, int heads, int side, int window, bool shifted, int mlpRatio, double dropPath)
    {
        var windows = new AttentionWindows(side, window, shifted && side > window ? window / 2 : 0);
        return new TransformerBlock(
            new SelfAttention(channels, heads, windows), new Mlp(channels, mlpRatio, dropout: 0), dropPath: dropPath);
    }
}

/// <summary>
/// Stochastic depth (Huang et al., ECCV 2016) for a residual branch, (B, N, C) to (B, N, C): in training each image's
/// branch is set to 0 with the given probability p, and the others are divided by 1 - p, so that the mean stays the
/// same. Outside training it does nothing.
/// </summary>
/// <param name="probability">From 0 to below 1.</param>
public sealed class DropPath(double probability) : Block(nameof(DropPath))
{
    protected override Tensor Compute(Tensor branch)
    {
        if (!training)
            return branch.alias();

        // 0 or 1 / (1 - p)
        Tensor kept = functional.dropout(
            ones(branch.shape[0], 1, 1, branch.dtype, branch.device), probability, training: true);
        return branch * kept;
    }
}

/// <summary>
/// The windows of Swin Transformer (Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted
/// Windows", ICCV 2021). A square map of s x s tokens, row by row, is cut into windows of m x m, row by row as well; m
/// divides s.
/// </summary>
/// <param name="Side">The map's side s in tokens, a multiple of <paramref name="Window"/>.</param>
/// <param name="Window">The window's side m.</param>
/// <param name="Shift">The number of tokens by which the map is rolled before it is cut, 0 to below <paramref
/// name="Window"/>.</param>
public sealed record AttentionWindows(int Side, int Window, int Shift)
{
    /// <summary>
    /// What the mask adds to the score of a forbidden pair. Its exponential is exactly 0. It is finite, because a
    /// weights file may contain finite numbers only. The released code adds -100, whose exponential is not 0 and falls
    /// into slow denormals.
    /// </summary>
    public const float Forbidden = -1e9f;

    /// <summary>How many offsets two tokens of a window can have, (2m - 1)².</summary>
    public int Offsets => ((2 * Window) - 1) * ((2 * Window) - 1);

    /// <summary>The windows of a map's tokens, (B, s², C) to (B (s/m)², m², C).</summary>
    public Tensor Cut(Tensor tokens)
    {
        Tensor map = tokens.reshape(-1, Side, Side, tokens.shape[2]); // (B, s, s, C)
        return Partition(Shift > 0 ? map.roll([-Shift, -Shift], [1, 2]) : map, Window);
    }

    /// <summary>The reverse of <see cref="Cut"/>.</summary>
    public Tensor Join(Tensor windows)
    {
        Tensor map = Reverse(windows, Window, Side);
        return (Shift > 0 ? map.roll([Shift, Shift], [1, 2]) : map).reshape(-1, Side * Side, windows.shape[2]);
    }

    /// <summary>
    /// Cuts maps into windows: (B, s, s, C) to (B (s/m)², m², C), an image's windows one after another.
    /// </summary>
    public static Tensor Partition(Tensor map, long window)
    {
        long batch = map.shape[0], across = map.shape[1] / window, channels = map.shape[3];
        return map.reshape(batch, across, window, across, window, channels).transpose(2, 3) // (B, s/m, s/m, m, m, C)
            .reshape(batch * across * across, window * window, channels);
    }

    /// <summary>
    /// Puts windows back into maps, the reverse of <see cref="Partition"/>: (B (s/m)², m², C) to (B, s, s, C).
    /// </summary>
    public static Tensor Reverse(Tensor windows, long window, long side)
    {
        long across = side / window, channels = windows.shape[2];
        return windows.reshape(-1, across, across, window, window, channels).transpose(2, 3) // (B, s/m, m, s/m, m, C)
            .reshape(-1, side, side, channels);
    }

    /// <summary>
    /// The index of the offset between two tokens of a window, (m² m²) of int64: for token i at (r, c) and j at (r',
    /// c'), row by row, (r - r' + m - 1)(2m - 1) + (c - c' + m - 1), one of (2m - 1)² numbers.
    /// </summary>
    public static Tensor RelativePositions(int window)
    {
        int n = window * window, offsets = (2 * window) - 1;
        return tensor((long[])[..
            from i in Enumerable.Range(0, n)
            from j in Enumerable.Range(0, n)
            let rows = (i / window) - (j / window)
            let columns = (i % window) - (j % window)
            select (long)(((rows + window - 1) * offsets) + columns + window - 1)]);
    }

    /// <summary>
    /// The mask that separates tokens that only the cyclic shift brought together, ((s/m)², m², m²): 0 for a pair that
    /// is as near in the map as in its window, <see cref="Forbidden"/> for a pair from opposite edges. Rolling the map
    /// up and left by the shift puts its first rows and columns after the last, so it is enough to know on which side
    /// of the two seams a token lies.
    /// </summary>
    /// <param name="side">The map's side s in tokens.</param>
    /// <param name="window">The window's side m.</param>
    /// <param name="shift">The shift, from 1 to below m.</param>
    public static Tensor ShiftMask(long side, long window, long shift)
    {
        using DisposeScope scope = NewDisposeScope();
        // (s): 1 where a row came from the other edge
        Tensor wrapped = arange(side).ge(side - shift).to(ScalarType.Float32);
        Tensor region = (2 * wrapped.unsqueeze(1)) + wrapped; // (s, s): 0 to 3
        Tensor windows = Partition(region.reshape(1, side, side, 1), window).squeeze(-1); // ((s/m)², m²)
        Tensor parted = windows.unsqueeze(1).ne(windows.unsqueeze(2));
        return zeros_like(parted, ScalarType.Float32).masked_fill_(parted, Forbidden).MoveToOuterDisposeScope();
    }
}
