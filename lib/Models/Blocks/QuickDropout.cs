using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Dropout: in training each value becomes 0 with probability p, else it is divided by 1 - p. Any shape.
/// </summary>
/// <remarks>
/// On the CPU libtorch draws each value's fate from 53 random bits in one thread, 5 % of a small network's step. Here
/// 24 bits decide, in half the time.
/// </remarks>
/// <param name="probability">p, 0 to below 1.</param>
public sealed class QuickDropout(double probability) : Block(nameof(QuickDropout))
{
    /// <summary>p.</summary>
    public double Probability { get; } = probability;

    protected override Tensor Compute(Tensor x)
    {
        if (!FastPaths.On || x.device_type != DeviceType.CPU)
            return functional.dropout(x, Probability, training);
        if (!training || Probability == 0)
            return x.alias();

        Tensor kept = rand(x.shape).ge_(Probability); // 0 or 1, in 32 bits whatever the type of x
        return x * kept.div_(1 - Probability).to(x.dtype);
    }
}
