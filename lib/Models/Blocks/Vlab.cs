using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The vision-language alignment block, Eq. 4-6: one weight per pixel multiplies the skip. Two branches mix the
/// channels and pool them. (B, C, h, w) to (B, C, h, w).
/// <code>
/// avg = mean over c of ReLU(Linear(Conv1x1(x)))     Eq. 4
/// max = max  over c of ReLU(Linear(Conv1x1(x)))     Eq. 5
/// out = x * MLP(avg + max)                          Eq. 6
/// </code>
/// </summary>
/// <remarks>
/// The paper says global average and global max; the released code, followed here, pools over the channels and not
/// over the image. Nothing bounds the weight: the released sigmoid is never called.
/// </remarks>
public sealed class Vlab(long channels) : Block(nameof(Vlab))
{
    private readonly Conv2d conv_avg = Conv2d(channels, channels, kernel_size: 1L, bias: false);
    private readonly Linear linear_avg = Linear(channels, channels);
    private readonly Conv2d conv_max = Conv2d(channels, channels, kernel_size: 1L, bias: false);
    private readonly Linear linear_max = Linear(channels, channels);
    private readonly Sequential bottleneck = Sequential(Linear(1, 4), ReLU(), Linear(4, 1));

    protected override Tensor Compute(Tensor skip)
    {
        Tensor average = OverChannels(conv_avg, linear_avg, skip); // (B, C, h, w), pooled to (B, h, w)
        Tensor largest = OverChannels(conv_max, linear_max, skip);
        if (FastPaths.On)
        {
            // The channels last in the shape too: gradients of the pools then come in the order of the maps. The
            // maximum is taken before the ReLU, which keeps the order of numbers: max(ReLU(z)) = ReLU(max(z)).
            average = average.relu_().permute(0, 2, 3, 1).sum(-1) / skip.shape[1];
            largest = largest.permute(0, 2, 3, 1).max(-1).values.relu_();
        }
        else
        {
            average = average.relu_().mean([1]);
            largest = largest.relu_().max(1).values;
        }

        Tensor weight = bottleneck.call((average + largest).unsqueeze(-1)).permute(0, 3, 1, 2); // (B, 1, h, w)
        return skip * weight;
    }

    /// <summary>
    /// Linear(Conv1x1(x)) of each pixel. The two linear maps follow each other directly, so they are one:
    /// <c>W2 (W1 x) + b = (W2 W1) x + b</c>, half the work at each pixel. Both weights get their exact gradients.
    /// </summary>
    private static Tensor OverChannels(Conv2d conv, Linear linear, Tensor map)
    {
        if (!FastPaths.On)
            return functional.conv2d(conv.call(map), linear.weight!.unsqueeze(-1).unsqueeze(-1), linear.bias);

        Tensor both = linear.weight!.matmul(conv.weight.flatten(1)); // (C, C)
        return functional.conv2d(map, both.unsqueeze(-1).unsqueeze(-1), linear.bias);
    }
}
