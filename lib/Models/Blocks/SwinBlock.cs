using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One block of Swin Transformer, its Eq. 3, over the tokens of a square map: (B, s², C) to (B, s², C).
/// <code>
/// x = x + dropPath(windowAttention(norm1(x)))
/// x = x + dropPath(mlp(norm2(x)))
/// </code>
/// A shifted block rolls the map by half a window before it cuts it, so that its windows straddle the borders of the
/// block before. Where a single window is the whole map there is nothing to straddle, and nothing is rolled.
/// </summary>
public sealed class SwinBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly WindowAttention attn;
    private readonly LayerNorm norm2;
    private readonly TokenMlp mlp;
    private readonly DropPath dropPath;
    private readonly int side, window, shift;

    /// <param name="channels">Channels C of a token, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="side">The map's side s in tokens, a multiple of <paramref name="window"/>.</param>
    /// <param name="window">The window's side in tokens.</param>
    /// <param name="shifted">Whether the windows are shifted.</param>
    /// <param name="mlpRatio">The MLP's hidden channels over <paramref name="channels"/>.</param>
    /// <param name="dropPath">Probability that an image skips a branch in training, 0 to below 1.</param>
    public SwinBlock(long channels, int heads, int side, int window, bool shifted, int mlpRatio, double dropPath)
        : base(nameof(SwinBlock))
    {
        this.side = side;
        this.window = window;
        shift = shifted && side > window ? window / 2 : 0;
        norm1 = LayerNorm(channels);
        attn = new WindowAttention(channels, heads, window, side, shift);
        norm2 = LayerNorm(channels);
        mlp = new TokenMlp(channels, mlpRatio, dropout: 0);
        this.dropPath = new DropPath(dropPath);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tokens + dropPath.call(Attend(norm1.call(tokens)));
        x = x + dropPath.call(mlp.call(norm2.call(x)));
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor tokens)
    {
        Tensor map = tokens.reshape(-1, side, side, tokens.shape[2]); // (B, s, s, C)
        if (shift > 0)
            map = map.roll([-shift, -shift], [1, 2]);
        map = AttentionWindows.Reverse(attn.call(AttentionWindows.Partition(map, window)), window, side);
        if (shift > 0)
            map = map.roll([shift, shift], [1, 2]);
        return map.reshape(-1, side * side, tokens.shape[2]);
    }
}
