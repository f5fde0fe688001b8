using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One pre-norm transformer block: (B, N, C) to (B, N, C).
/// <code>
/// x = x + dropPath(attention(norm1(x)))
/// x = x + dropPath(mlp(norm2(x)))
/// </code>
/// </summary>
/// <param name="attention">The attention; it defines the number of channels of a token.</param>
/// <param name="mlp">The MLP.</param>
/// <param name="epsilon">What the norms add to the variance; libtorch's default is 1e-5.</param>
/// <param name="dropPath">Probability that an image skips a branch in training, 0 to below 1.</param>
public sealed class TransformerBlock(SelfAttention attention, Mlp mlp, double epsilon = 1e-5, double dropPath = 0)
    : Block(nameof(TransformerBlock))
{
    private readonly LayerNorm norm1 = LayerNorm(attention.Channels, eps: epsilon);
    private readonly SelfAttention attn = attention;
    private readonly LayerNorm norm2 = LayerNorm(attention.Channels, eps: epsilon);
    private readonly Mlp mlp = mlp;
    private readonly DropPath? dropPath = dropPath > 0 ? new DropPath(dropPath) : null;

    protected override Tensor Compute(Tensor tokens)
    {
        Tensor x = tokens + Kept(attn.call(norm1.call(tokens)));
        return x + Kept(mlp.call(norm2.call(x)));
    }

    private Tensor Kept(Tensor branch) => dropPath is null ? branch : dropPath.call(branch);
}

/// <summary>
/// Multi-head self-attention over tokens, softmax(q kᵀ / √d) v for each head: (B, N, C) to (B, N, C). With
/// <see cref="AttentionWindows"/> the tokens are those of a square map, each window attends only to itself, and a
/// learned bias b for each offset of two tokens is added: Swin Transformer's Eq. 4, <c>softmax(q kᵀ / √d + b) v</c>. If
/// windows are shifted, b includes the mask.
/// </summary>
/// <param name="channels">Channels of a token, a multiple of <paramref name="heads"/>.</param>
/// <param name="heads">Number of heads.</param>
/// <param name="windows">The windows; null if every token attends to all.</param>
public sealed class SelfAttention(long channels, int heads, AttentionWindows? windows = null)
    : Block(nameof(SelfAttention))
{
    private readonly Linear qkv = Linear(channels, 3 * channels);
    private readonly Linear proj = Linear(channels, channels);
    private readonly Parameter? biases = windows is null ? null : Parameter(zeros(windows.Offsets, heads));
    private readonly Tensor? positions = windows is null ? null : AttentionWindows.RelativePositions(windows.Window);
    private readonly Tensor? mask = windows is null or { Shift: 0 }
        ? null
        : AttentionWindows.ShiftMask(windows.Side, windows.Window, windows.Shift).unsqueeze_(1); // (W, 1, m², m²)

    private readonly AttentionWindows? windows = windows;
    private readonly int heads = heads;

    /// <summary>Channels of a token.</summary>
    public long Channels { get; } = channels;

    protected override Tensor Compute(Tensor tokens) =>
        windows is null ? Attend(tokens) : windows.Join(Attend(windows.Cut(tokens)));

    private Tensor Attend(Tensor tokens)
    {
        long batch = tokens.shape[0], n = tokens.shape[1];
        long perHead = Channels / heads; // d
        Tensor[] parts = qkv.call(tokens).reshape(batch, n, 3, heads, perHead).permute(2, 0, 3, 1, 4)
            .unbind(0); // three of (B, heads, N, d)
        Tensor scores = (parts[0] * (1 / Math.Sqrt(perHead))).matmul(parts[1].transpose(2, 3)); // (B, heads, N, N)
        if (biases is not null)
        {
            Tensor bias = biases.index_select(0, positions!).reshape(n, n, heads).permute(2, 0, 1); // (heads, N, N)
            scores = mask is null
                ? scores + bias
                : (scores.reshape(-1, mask.shape[0], heads, n, n) + (bias + mask)).reshape(batch, heads, n, n);
        }

        return proj.call(scores.softmax(-1).matmul(parts[2]).transpose(1, 2).reshape(batch, n, Channels));
    }
}
