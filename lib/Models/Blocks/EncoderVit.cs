using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The encoder's ViT branch at one level. It reads the CNN's map of that level, (B, C, h, w), and returns N tokens of
/// C channels; N is the same at all levels. From the second level on, it halves its own channels and appends the
/// tokens of the level before, C / 2 + C / 2.
/// </summary>
/// <param name="channels">Channels C of the map and of a token.</param>
/// <param name="patch">The patch's side in pixels of the map.</param>
/// <param name="tokens">Number of tokens, N.</param>
/// <param name="heads">Attention heads; they divide <paramref name="channels"/>.</param>
/// <param name="mlpRatio">The MLP's hidden channels divided by <paramref name="channels"/>.</param>
/// <param name="dropout">Probability of dropping an embedded or hidden value, 0 to below 1.</param>
/// <param name="isFirst">Whether this is the first level, which has no tokens to append.</param>
public sealed class EncoderVit(
    long channels, long patch, long tokens, int heads, int mlpRatio, double dropout, bool isFirst)
    : Block<Tensor?>(nameof(EncoderVit))
{
    private readonly PatchEmbedding embeddings = new(channels, patch, tokens, dropout);

    private readonly Sequential Encoder_blocks = Sequential(new TransformerBlock(
        new SelfAttention(channels, heads), new Mlp(channels, mlpRatio, dropout, asReleased: true)));

    private readonly TokenConvBnRelu? CTBN = isFirst ? null : new TokenConvBnRelu(channels, channels / 2);

    /// <param name="map">The CNN's map, (B, C, h, w).</param>
    /// <param name="previous">The tokens of the level before, (B, N, C / 2); null at the first level.</param>
    protected override Tensor Compute(Tensor map, Tensor? previous)
    {
        Tensor x = Encoder_blocks.call(embeddings.call(map)); // (B, N, C)
        return CTBN is null ? x : cat([CTBN.call(x), previous!], 2); // (B, N, C / 2 + C / 2)
    }
}

/// <summary>
/// Cuts a feature map into square patches and turns each into a token: (B, C, h, w) to (B, N, C) with
/// N = (h / patch)(w / patch). A learned position embedding, zeros at the start, is added.
/// </summary>
/// <param name="channels">Channels of the map and of each token.</param>
/// <param name="patch">The patch's side in pixels of the map.</param>
/// <param name="tokens">Number of tokens, N.</param>
/// <param name="dropout">Probability, 0 to below 1.</param>
public sealed class PatchEmbedding(long channels, long patch, long tokens, double dropout)
    : Block(nameof(PatchEmbedding))
{
    private readonly Parameter position_embeddings = Parameter(zeros(1, tokens, channels));
    private readonly Conv2d patch_embeddings = Conv2d(channels, channels, kernel_size: patch, stride: patch);
    private readonly QuickDropout dropout = new(dropout);

    protected override Tensor Compute(Tensor map)
    {
        Tensor x = patch_embeddings.call(map); // (B, C, h / patch, w / patch)
        x = x.flatten(2).transpose(1, 2); // (B, N, C), row by row
        return dropout.call(x + position_embeddings);
    }
}

/// <summary>Conv1d (k = 3) along the sequence of tokens, batch norm, ReLU: (B, N, In) to (B, N, Out).</summary>
public sealed class TokenConvBnRelu(long inChannels, long outChannels) : Block(nameof(TokenConvBnRelu))
{
    private readonly Conv1d conv = Conv1d(inChannels, outChannels, kernel_size: 3L, padding: 1L);
    private readonly BatchNorm1d norm = BatchNorm1d(outChannels);

    protected override Tensor Compute(Tensor tokens)
    {
        Tensor x = tokens.transpose(1, 2); // (B, In, N)
        x = norm.call(conv.call(x)).relu_(); // (B, Out, N)
        return x.transpose(1, 2); // (B, N, Out)
    }
}
