using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One pre-norm transformer block: (B, N, C) to (B, N, C).
/// <code>
/// x = x + attention(norm1(x))
/// x = x + mlp(norm2(x))
/// </code>
/// </summary>
public sealed class TransformerBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly SelfAttention attn;
    private readonly LayerNorm norm2;
    private readonly Mlp mlp;

    /// <inheritdoc cref="EncoderVit(long, long, long, int, int, double, bool)"/>
    public TransformerBlock(long channels, int heads, int mlpRatio, double dropout)
        : base(nameof(TransformerBlock))
    {
        norm1 = LayerNorm(channels);
        attn = new SelfAttention(channels, heads);
        norm2 = LayerNorm(channels);
        mlp = new Mlp(channels, mlpRatio, dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tokens + attn.call(norm1.call(tokens));
        x = x + mlp.call(norm2.call(x));
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Multi-head self-attention over tokens, softmax(q kᵀ / √d) v for each head: (B, N, C) to (B, N, C).
/// </summary>
public sealed class SelfAttention : Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly int heads;

    /// <param name="channels">Channels of a token, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Number of heads.</param>
    public SelfAttention(long channels, int heads)
        : base(nameof(SelfAttention))
    {
        this.heads = heads;
        qkv = Linear(channels, 3 * channels);
        proj = Linear(channels, channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = tokens.shape[0], n = tokens.shape[1], channels = tokens.shape[2];
        long perHead = channels / heads; // d
        Tensor[] parts = qkv.call(tokens)
            .reshape(batch, n, 3, heads, perHead)
            .permute(2, 0, 3, 1, 4)
            .unbind(0); // three of (B, heads, N, d)
        // (B, heads, N, N)
        Tensor attention = (parts[0] * (1 / Math.Sqrt(perHead))).matmul(parts[1].transpose(2, 3)).softmax(-1);
        Tensor x = attention.matmul(parts[2]).transpose(1, 2).reshape(batch, n, channels);
        return proj.call(x).MoveToOuterDisposeScope();
    }
}
