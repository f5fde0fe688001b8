using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The encoder's ViT branch at one scale. It reads the CNN's map of that scale, (B, C, h, w), and gives N tokens of
/// C channels; N is the same at all scales. From the second scale on it halves its own channels and appends the
/// tokens of the scale before, C / 2 + C / 2.
/// </summary>
public sealed class EncoderVit : Module<Tensor, Tensor?, Tensor>
{
    private readonly PatchEmbedding embeddings;
    private readonly Sequential Encoder_blocks;
    private readonly TokenConvBnRelu? CTBN;

    /// <param name="channels">Channels C of the map and of a token.</param>
    /// <param name="patch">The patch's side in pixels of the map.</param>
    /// <param name="tokens">How many tokens the map gives.</param>
    /// <param name="heads">Attention heads; they divide <paramref name="channels"/>.</param>
    /// <param name="mlpRatio">The MLP's hidden channels over <paramref name="channels"/>.</param>
    /// <param name="dropout">Probability of dropping an embedded or hidden value, 0 to below 1.</param>
    /// <param name="isFirst">Whether this is the first scale, which has no tokens before it.</param>
    public EncoderVit(long channels, long patch, long tokens, int heads, int mlpRatio, double dropout, bool isFirst)
        : base(nameof(EncoderVit))
    {
        embeddings = new PatchEmbedding(channels, patch, tokens, dropout);
        Encoder_blocks = Sequential(new TransformerBlock(channels, heads, mlpRatio, dropout));
        CTBN = isFirst ? null : new TokenConvBnRelu(channels, channels / 2);
        RegisterComponents();
    }

    /// <param name="map">The CNN's map, (B, C, h, w).</param>
    /// <param name="previous">The tokens of the scale before, (B, N, C / 2); null at the first scale.</param>
    public override Tensor forward(Tensor map, Tensor? previous)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Encoder_blocks.call(embeddings.call(map)); // (B, N, C)
        if (CTBN is not null)
            x = cat([CTBN.call(x), previous!], 2); // (B, N, C / 2 + C / 2)
        return x.MoveToOuterDisposeScope();
    }
}
