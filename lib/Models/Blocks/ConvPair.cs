using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>Two conv3x3-BN-ReLU: (B, In, h, w) to (B, Out, h, w).</summary>
public sealed class ConvPair : Module<Tensor, Tensor>
{
    private readonly ConvBnRelu first;
    private readonly ConvBnRelu second;

    public ConvPair(long inChannels, long outChannels)
        : base(nameof(ConvPair))
    {
        first = new ConvBnRelu(inChannels, outChannels);
        second = new ConvBnRelu(outChannels, outChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return second.call(first.call(x)).MoveToOuterDisposeScope();
    }
}
