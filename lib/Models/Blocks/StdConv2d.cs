using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Convolution without bias whose weights are standardised before use (Qiao et al., "Micro-Batch Training with
/// Batch-Channel Normalization and Weight Standardization", 2019, Eq. 7): (B, In, h, w) to (B, Out, h / stride,
/// w / stride). The kernel is odd and padded.
/// <code>
/// W'_o = (W_o - mean W_o) / √(var W_o + 1e-5)    over the In k² weights of each output channel o
/// </code>
/// </summary>
public sealed class StdConv2d : Module<Tensor, Tensor>
{
    /// <summary>Keeps the division finite.</summary>
    private const double Epsilon = 1e-5;

    private readonly Parameter weight;
    private readonly int stride, padding;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">The kernel's side, odd.</param>
    /// <param name="stride">The stride; the default is 1.</param>
    public StdConv2d(long inChannels, long outChannels, int kernel, int stride = 1)
        : base(nameof(StdConv2d))
    {
        this.stride = stride;
        padding = kernel / 2;
        weight = Parameter(empty(outChannels, inChannels, kernel, kernel));
        init.kaiming_normal_(weight);
        RegisterComponents();
    }

    /// <summary>The weights as the convolution uses them, (Out, In, k, k).</summary>
    public Tensor Standardized()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor centred = weight - weight.mean([1, 2, 3], keepdim: true);
        Tensor variance = centred.square().mean([1, 2, 3], keepdim: true);
        return (centred * (variance + Epsilon).rsqrt()).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return functional.conv2d(x, Standardized(), strides: [stride, stride], padding: [padding, padding]).MoveToOuterDisposeScope();
    }
}
