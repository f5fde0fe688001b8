using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Swin Transformer's downsampling: each 2 x 2 tokens, 4C channels, are normalised and become one of 2C. (B, s², C) to
/// (B, (s/2)², 2C).
/// </summary>
public sealed class PatchMerging : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm;
    private readonly Linear reduction;
    private readonly int side;

    /// <param name="channels">Channels C of a token.</param>
    /// <param name="side">The map's side s in tokens, even.</param>
    public PatchMerging(long channels, int side)
        : base(nameof(PatchMerging))
    {
        this.side = side;
        norm = LayerNorm(4 * channels);
        reduction = Linear(4 * channels, 2 * channels, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        long channels = tokens.shape[2];
        Tensor fours = AttentionWindows.Partition(tokens.reshape(-1, side, side, channels), 2) // (B (s/2)², 4, C)
            .reshape(-1, side * side / 4, 4 * channels);
        return reduction.call(norm.call(fours)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Swin-Unet's upsampling: a linear layer turns each token into a normalised square of f x f tokens. (B, s², In) to
/// (B, (f s)², Out).
/// </summary>
public sealed class PatchExpanding : Module<Tensor, Tensor>
{
    private readonly Linear expand;
    private readonly LayerNorm norm;
    private readonly int factor, side;
    private readonly long outChannels;

    /// <param name="inChannels">Channels of a token.</param>
    /// <param name="outChannels">Channels of the new tokens.</param>
    /// <param name="factor">The factor f by which the side grows.</param>
    /// <param name="side">The map's side s in tokens before upsampling.</param>
    public PatchExpanding(long inChannels, long outChannels, int factor, int side)
        : base(nameof(PatchExpanding))
    {
        this.outChannels = outChannels;
        this.factor = factor;
        this.side = side;
        expand = Linear(inChannels, factor * factor * outChannels, hasBias: false);
        norm = LayerNorm(outChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor squares = expand.call(tokens).reshape(-1, factor * factor, outChannels); // (B s², f², Out)
        Tensor map = AttentionWindows.Reverse(squares, factor, side * factor); // (B, f s, f s, Out)
        return norm.call(map.reshape(tokens.shape[0], -1, outChannels)).MoveToOuterDisposeScope();
    }
}
