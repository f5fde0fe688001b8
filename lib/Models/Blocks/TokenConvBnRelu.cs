using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>Conv1d (k = 3) along the sequence of tokens, batch norm, ReLU: (B, N, In) to (B, N, Out).</summary>
public sealed class TokenConvBnRelu : Module<Tensor, Tensor>
{
    private readonly Conv1d conv;
    private readonly BatchNorm1d norm;

    public TokenConvBnRelu(long inChannels, long outChannels)
        : base(nameof(TokenConvBnRelu))
    {
        conv = Conv1d(inChannels, outChannels, kernel_size: 3L, padding: 1L);
        norm = BatchNorm1d(outChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tokens.transpose(1, 2); // (B, In, N)
        x = norm.call(conv.call(x)).relu_(); // (B, Out, N)
        return x.transpose(1, 2).MoveToOuterDisposeScope(); // (B, N, Out)
    }
}
