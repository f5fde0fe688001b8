using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The MLP of C2FVL's transformer block: (B, N, C) to (B, N, C). GELU and dropout follow both linears, as in the
/// released code; the usual ViT has none after the second.
/// </summary>
public sealed class Mlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;
    private readonly Dropout dropout;

    /// <param name="channels">Channels of a token.</param>
    /// <param name="ratio">Hidden channels over <paramref name="channels"/>.</param>
    /// <param name="dropout">Probability, 0 to below 1.</param>
    public Mlp(long channels, int ratio, double dropout)
        : base(nameof(Mlp))
    {
        fc1 = Linear(channels, ratio * channels);
        fc2 = Linear(ratio * channels, channels);
        this.dropout = Dropout(dropout);
        RegisterComponents();
        foreach (Linear linear in new[] { fc1, fc2 })
        {
            init.xavier_uniform_(linear.weight!);
            init.normal_(linear.bias!, std: 1e-6);
        }
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = dropout.call(functional.gelu(fc1.call(tokens))); // (B, N, ratio C)
        x = dropout.call(functional.gelu(fc2.call(x))); // (B, N, C)
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The MLP of the usual vision transformer: (B, N, C) to (B, N, C). GELU follows the first linear alone, dropout both.
/// C2FVL's is <see cref="Mlp"/>.
/// </summary>
public sealed class TokenMlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;
    private readonly Dropout dropout;

    /// <param name="channels">Channels of a token.</param>
    /// <param name="ratio">Hidden channels over <paramref name="channels"/>.</param>
    /// <param name="dropout">Probability, 0 to below 1.</param>
    public TokenMlp(long channels, int ratio, double dropout)
        : base(nameof(TokenMlp))
    {
        fc1 = Linear(channels, ratio * channels);
        fc2 = Linear(ratio * channels, channels);
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = dropout.call(functional.gelu(fc1.call(tokens))); // (B, N, ratio C)
        return dropout.call(fc2.call(hidden)).MoveToOuterDisposeScope();
    }
}
