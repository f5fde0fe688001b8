using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One level of the CNN encoder: max-pool 2, then two conv3x3-BN-ReLU. (B, In, h, w) to (B, Out, h/2, w/2).
/// </summary>
public sealed class EncoderBlock(long inChannels, long outChannels) : Block(nameof(EncoderBlock))
{
    private readonly ConvPair nConvs = new(inChannels, outChannels, isNumbered: true);

    protected override Tensor Compute(Tensor x) => nConvs.call(functional.max_pool2d(x, 2));

    /// <summary>A whole encoder: inc and down1 to down4 of w, 2w, 4w, 8w and 8w channels.</summary>
    internal static Module<Tensor, Tensor>[] Levels(long w) =>
    [
        new ConvBnRelu(3, w), new EncoderBlock(w, 2 * w), new EncoderBlock(2 * w, 4 * w),
        new EncoderBlock(4 * w, 8 * w), new EncoderBlock(8 * w, 8 * w),
    ];
}
