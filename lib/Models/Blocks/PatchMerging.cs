using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Swin Transformer's downsampling: each 2 x 2 tokens, 4C channels, are normalised and become one of 2C. (B, s², C) to
/// (B, (s/2)², 2C).
/// </summary>
/// <param name="channels">Channels C of a token.</param>
/// <param name="side">The map's side s in tokens, even.</param>
public sealed class PatchMerging(long channels, int side) : Block(nameof(PatchMerging))
{
    private readonly LayerNorm norm = LayerNorm(4 * channels);
    private readonly Linear reduction = Linear(4 * channels, 2 * channels, hasBias: false);

    protected override Tensor Compute(Tensor tokens)
    {
        Tensor map = tokens.reshape(-1, side, side, tokens.shape[2]);
        Tensor fours = AttentionWindows.Partition(map, 2) // (B (s/2)², 4, C)
            .reshape(-1, side * side / 4, 4 * tokens.shape[2]);
        return reduction.call(norm.call(fours));
    }
}

/// <summary>
/// Swin-Unet's upsampling: a linear layer turns each token into a normalised square of f x f tokens. (B, s², In) to
/// (B, (f s)², Out).
/// </summary>
/// <param name="inChannels">Channels of a token.</param>
/// <param name="outChannels">Channels of the new tokens.</param>
/// <param name="factor">The factor f by which the side grows.</param>
/// <param name="side">The map's side s in tokens before upsampling.</param>
public sealed class PatchExpanding(long inChannels, long outChannels, int factor, int side)
    : Block(nameof(PatchExpanding))
{
    private readonly Linear expand = Linear(inChannels, factor * factor * outChannels, hasBias: false);
    private readonly LayerNorm norm = LayerNorm(outChannels);
    private readonly int factor = factor;

    protected override Tensor Compute(Tensor tokens)
    {
        long squares = tokens.shape[0] * side * side, pixels = factor * factor;
        Tensor map = AttentionWindows.Reverse( // (B s², f², Out) to (B, f s, f s, Out)
            expand.call(tokens).reshape(squares, pixels, -1), factor, side * factor);
        return norm.call(map.flatten(1, 2));
    }
}
