using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>Multi-head self-attention over tokens, softmax(q kᵀ / √d) v for each head: (B, N, C) to (B, N, C).</summary>
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
        Tensor attention = (parts[0] * (1 / Math.Sqrt(perHead))).matmul(parts[1].transpose(2, 3)).softmax(-1); // (B, heads, N, N)
        Tensor x = attention.matmul(parts[2]).transpose(1, 2).reshape(batch, n, channels);
        return proj.call(x).MoveToOuterDisposeScope();
    }
}
