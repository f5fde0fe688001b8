using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Convolution with bias, batch norm, ReLU: (B, In, h, w) to (B, Out, h, w). The kernel is odd and padded, so the
/// map keeps its size.
/// </summary>
public sealed class ConvBnRelu : Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d norm;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">The kernel's side, odd; the default is 3.</param>
    public ConvBnRelu(long inChannels, long outChannels, int kernel = 3)
        : base(nameof(ConvBnRelu))
    {
        conv = Conv2d(inChannels, outChannels, kernel_size: kernel, padding: kernel / 2);
        norm = BatchNorm2d(outChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        // The scope frees the norm's input wrapper at once; in place, because neither backward pass needs the
        // norm's output.
        using DisposeScope scope = NewDisposeScope();
        return norm.call(conv.call(x)).relu_().MoveToOuterDisposeScope();
    }
}
