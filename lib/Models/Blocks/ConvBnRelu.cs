using C2FVL.Platform;
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
        if (!FoldedNorm.Applies(norm))
            return norm.call(conv.call(x)).relu_().MoveToOuterDisposeScope();

        (Tensor weight, Tensor bias) = FoldedNorm.Of(conv, norm);
        return functional.conv2d(x, weight, bias, padding: conv.padding).relu_().MoveToOuterDisposeScope();
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

        if (!FoldedNorm.Applies(norm))
            return norm.call(UpsampledConv.Of(skip, below, conv.weight, conv.bias)).relu_().MoveToOuterDisposeScope();

        (Tensor weight, Tensor bias) = FoldedNorm.Of(conv, norm);
        return UpsampledConv.Of(skip, below, weight, bias).relu_().MoveToOuterDisposeScope();
    }
}

/// <summary>Two conv3x3-BN-ReLU: (B, In, h, w) to (B, Out, h, w).</summary>
public sealed class ConvPair : Module<Tensor, Tensor>
{
    // An array, as fields of their own would be registered by their own names too.
    private readonly ConvBnRelu[] convs;
    private readonly bool joins;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="isNumbered">Whether the two are named 0 and 1, as in C2FVL's released code, and not first and
    /// second.</param>
    /// <param name="joins">Whether the first concatenates two maps with <see cref="Join"/>. The pair's own input is
    /// then the first one's output.</param>
    public ConvPair(long inChannels, long outChannels, bool isNumbered = false, bool joins = false)
        : base(nameof(ConvPair))
    {
        this.joins = joins;
        convs = [new ConvBnRelu(inChannels, outChannels), new ConvBnRelu(outChannels, outChannels)];
        register_module(isNumbered ? "0" : "first", convs[0]);
        register_module(isNumbered ? "1" : "second", convs[1]);
    }

    /// <inheritdoc cref="ConvBnRelu.Join"/>
    public Tensor Join(Tensor skip, Tensor below)
    {
        using DisposeScope scope = NewDisposeScope();
        return call(convs[0].Join(skip, below)).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return convs[1].call(joins ? x : convs[0].call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Batch norm as part of the convolution before it. In evaluation mode the norm is a fixed line for each channel,
/// <c>s (W x + b - mean) + beta = (s W) x + (s (b - mean) + beta)</c> with <c>s = gamma / sqrt(var + eps)</c>, so one
/// pass over the map is saved. The folded weights exist for one call only. The model's own weights do not change.
/// </summary>
public static class FoldedNorm
{
    /// <summary>Whether to fold: only in evaluation mode and without gradients.</summary>
    public static bool Applies(BatchNorm2d norm) => FastPaths.On && !norm.training && !is_grad_enabled();

    /// <summary>Weight and bias of the convolution that does both.</summary>
    /// <param name="conv">The convolution, with or without bias.</param>
    /// <param name="norm">The norm that follows it, with running statistics.</param>
    public static (Tensor Weight, Tensor Bias) Of(Conv2d conv, BatchNorm2d norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scale = norm.weight! * (norm.running_var! + norm.eps).rsqrt(); // (Out)
        Tensor offset = conv.bias is null ? -norm.running_mean! : conv.bias - norm.running_mean!;
        Tensor weight = conv.weight * scale.reshape(-1, 1, 1, 1); // (Out, In, k, k)
        return (weight.MoveToOuterDisposeScope(), (offset * scale + norm.bias!).MoveToOuterDisposeScope());
    }
}
