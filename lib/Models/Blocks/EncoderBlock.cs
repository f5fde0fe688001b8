using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One level of the CNN encoder: max-pool 2, then two conv3x3-BN-ReLU. (B, In, h, w) to (B, Out, h/2, w/2).
/// </summary>
public sealed class EncoderBlock : Module<Tensor, Tensor>
{
    private readonly ConvPair nConvs;

    public EncoderBlock(long inChannels, long outChannels)
        : base(nameof(EncoderBlock))
    {
        nConvs = new ConvPair(inChannels, outChannels, isNumbered: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return nConvs.call(functional.max_pool2d(x, 2)).MoveToOuterDisposeScope();
    }
}
