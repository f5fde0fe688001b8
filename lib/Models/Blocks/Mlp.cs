using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The MLP of a transformer block, two linear layers: (B, N, C) to (B, N, C). GELU follows the first, dropout follows
/// both. In C2FVL's released code, GELU follows both.
/// </summary>
public sealed class Mlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    private readonly QuickDropout dropout;
    private readonly bool asReleased;

    /// <param name="channels">Channels of a token.</param>
    /// <param name="ratio">Hidden channels divided by <paramref name="channels"/>.</param>
    /// <param name="dropout">Probability, 0 to below 1.</param>
    /// <param name="asReleased">Whether GELU also follows the second linear layer and weights start with Xavier's rule,
    /// as in C2FVL's released code. The usual vision transformer has neither.</param>
    public Mlp(long channels, int ratio, double dropout, bool asReleased = false)
        : base(nameof(Mlp))
    {
        fc1 = Linear(channels, ratio * channels);
        fc2 = Linear(ratio * channels, channels);
        this.dropout = new QuickDropout(dropout);
        this.asReleased = asReleased;
        RegisterComponents();
        if (asReleased)
            DrawAsReleased([fc1, fc2]);
    }

    /// <summary>Draws weights by Xavier's rule, as C2FVL's and UCTransNet's released code does.</summary>
    internal static void DrawAsReleased(IEnumerable<Linear> linears)
    {
        foreach (Linear linear in linears)
        {
            init.xavier_uniform_(linear.weight!);
            init.normal_(linear.bias!, std: 1e-6);
        }
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = dropout.call(functional.gelu(fc1.call(tokens))); // (B, N, ratio C)
        x = fc2.call(x); // (B, N, C)
        return dropout.call(asReleased ? functional.gelu(x) : x).MoveToOuterDisposeScope();
    }
}
