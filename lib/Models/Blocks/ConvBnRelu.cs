using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Convolution 3x3 with bias, batch norm, ReLU: (B, In, h, w) to (B, Out, h, w).
/// </summary>
/// <remarks>
/// In evaluation mode without gradients the norm is part of the convolution: it is then a fixed line for each channel,
/// <c>s (W x + b - mean) + beta = (s W) x + (s (b - mean) + beta)</c> with <c>s = gamma / sqrt(var + eps)</c>, so one
/// pass over the map is saved. The folded weights exist for one call only. The model's own weights do not change.
/// </remarks>
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the output.</param>
public sealed class ConvBnRelu(long inChannels, long outChannels) : Block(nameof(ConvBnRelu))
{
    private readonly Conv2d conv = Conv2d(inChannels, outChannels, kernel_size: 3L, padding: 1L);
    private readonly BatchNorm2d norm = BatchNorm2d(outChannels);

    private bool IsFolded => FastPaths.On && !norm.training && !is_grad_enabled();

    protected override Tensor Compute(Tensor x)
    {
        if (!IsFolded)
            return norm.call(conv.call(x)).relu_(); // in place: neither backward pass needs the norm's output

        (Tensor weight, Tensor? bias) = Folded();
        return functional.conv2d(x, weight, bias, padding: [1, 1]).relu_();
    }

    /// <summary>The block on the skip concatenated with the map of the level below, upsampled by 2.</summary>
    /// <param name="skip">(B, Skip, 2h, 2w).</param>
    /// <param name="below">(B, In - Skip, h, w).</param>
    public Tensor Join(Tensor skip, Tensor below)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!FastPaths.On)
        {
            Tensor up = functional.interpolate(below, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
            return call(cat([skip, up], 1)).MoveToOuterDisposeScope();
        }

        (Tensor weight, Tensor? bias) = IsFolded ? Folded() : (conv.weight, conv.bias);
        Tensor map = UpsampledConv.Of(skip, below, weight, bias);
        return (IsFolded ? map : norm.call(map)).relu_().MoveToOuterDisposeScope();
    }

    /// <summary>Weight and bias of the convolution that does the norm's work too.</summary>
    private (Tensor Weight, Tensor? Bias) Folded()
    {
        Tensor scale = norm.weight! * (norm.running_var! + norm.eps).rsqrt(); // (Out)
        Tensor offset = conv.bias! - norm.running_mean!;
        return (conv.weight * scale.reshape(-1, 1, 1, 1), (offset * scale) + norm.bias!); // (Out, In, 3, 3), (Out)
    }
}

/// <summary>Two conv3x3-BN-ReLU: (B, In, h, w) to (B, Out, h, w).</summary>
public sealed class ConvPair : Block
{
    // An array, as fields of their own would be registered by their own names too.
    private readonly ConvBnRelu[] convs;
    private readonly bool joins, pools;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="isNumbered">Whether the two are named 0 and 1, as in C2FVL's released code, and not first and
    /// second.</param>
    /// <param name="joins">Whether the first concatenates two maps with <see cref="Join"/>. The pair's own input is
    /// then the first one's output.</param>
    /// <param name="pools">Whether max-pool 2 comes first.</param>
    public ConvPair(
        long inChannels, long outChannels, bool isNumbered = false, bool joins = false, bool pools = false)
        : base(nameof(ConvPair))
    {
        (this.joins, this.pools) = (joins, pools);
        convs = [new ConvBnRelu(inChannels, outChannels), new ConvBnRelu(outChannels, outChannels)];
        register_module(isNumbered ? "0" : "first", convs[0]);
        register_module(isNumbered ? "1" : "second", convs[1]);
    }

    /// <inheritdoc cref="ConvBnRelu.Join"/>
    public Tensor Join(Tensor skip, Tensor below)
    {
        using Tensor first = convs[0].Join(skip, below);
        return call(first);
    }

    protected override Tensor Compute(Tensor x)
    {
        Tensor input = pools ? functional.max_pool2d(x, 2) : x;
        return convs[1].call(joins ? input : convs[0].call(input));
    }
}
