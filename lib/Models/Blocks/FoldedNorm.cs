using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Batch norm as part of the convolution before it. In evaluation mode the norm is a fixed line for each channel,
/// <c>s (W x + b - mean) + beta = (s W) x + (s (b - mean) + beta)</c> with <c>s = gamma / sqrt(var + eps)</c>, so one
/// pass over the map goes. The folded weights live for one call: those of the model stay as trained.
/// </summary>
public static class FoldedNorm
{
    /// <summary>Whether to fold: in evaluation mode where no gradient is wanted.</summary>
    public static bool Applies(BatchNorm2d norm) => FastPaths.On && !norm.training && !is_grad_enabled();

    /// <summary>Weight and bias of the convolution that does both.</summary>
    /// <param name="conv">The convolution, with or without bias.</param>
    /// <param name="norm">The norm behind it, with running statistics.</param>
    public static (Tensor Weight, Tensor Bias) Of(Conv2d conv, BatchNorm2d norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scale = norm.weight! * (norm.running_var! + norm.eps).rsqrt(); // (Out)
        Tensor offset = conv.bias is null ? -norm.running_mean! : conv.bias - norm.running_mean!;
        Tensor weight = conv.weight * scale.reshape(-1, 1, 1, 1); // (Out, In, k, k)
        return (weight.MoveToOuterDisposeScope(), (offset * scale + norm.bias!).MoveToOuterDisposeScope());
    }
}
