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
