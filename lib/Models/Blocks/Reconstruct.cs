using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Eq. 1-2, <c>x_i = Reconstruct(ViT_i) + CNN_i</c>: the tokens of a level, upsampled to the size of the CNN's map
/// (nearest neighbour, conv1x1, batch norm, ReLU) and added to it.
/// </summary>
public sealed class Reconstruct(long channels) : Block<Tensor>(nameof(Reconstruct))
{
    private const double Momentum = 0.1; // of the norm, PyTorch's default

    private readonly Conv2d conv = Conv2d(channels, channels, kernel_size: 1L);
    private readonly BatchNorm2d norm = BatchNorm2d(channels, momentum: Momentum);

    /// <param name="tokens">(B, N, C), N the square of a side that divides h.</param>
    /// <param name="map">The CNN's map, (B, C, h, h).</param>
    protected override Tensor Compute(Tensor tokens, Tensor map)
    {
        long batch = tokens.shape[0], size = map.shape[2], side = (long)Math.Sqrt(tokens.shape[1]);
        Tensor x = tokens.reshape(batch, side, side, -1).permute(0, 3, 1, 2); // (B, C, side, side), channels last
        if (!FastPaths.On)
            return norm.call(conv.call(Upsample(x, size))).relu_() + map;

        // The released code upsamples first. Convolution 1x1, norm and ReLU treat each pixel by itself, and copies of
        // pixels leave mean and biased variance as they are. So the other order gives the same for a fraction of the
        // work; the running variance alone depends on the count of pixels.
        x = Normalized(conv.call(x), pixels: batch * size * size).relu_();
        return Upsample(x, size) + map;
    }

    /// <summary>
    /// The norm of a small map as if each of its n pixels occurred N / n times. The variance that updates the
    /// running variance is <c>var n / (n - 1)</c> of the small map; the large map would give <c>var N / (N - 1)</c>.
    /// </summary>
    private Tensor Normalized(Tensor x, double pixels)
    {
        if (!training)
            return norm.call(x);

        Tensor mean = zeros_like(norm.running_mean!), variance = zeros_like(norm.running_var!); // of this batch
        Tensor normalized = functional.batch_norm(
            x, mean, variance, norm.weight, norm.bias, training: true, momentum: 1, eps: norm.eps);
        using (no_grad())
        {
            double n = x.shape[0] * x.shape[2] * x.shape[3];
            norm.running_mean!.mul_(1 - Momentum).add_(mean, alpha: Momentum);
            norm.running_var!.mul_(1 - Momentum)
                .add_(variance, alpha: Momentum * (pixels / (pixels - 1)) * ((n - 1) / n));
            norm.num_batches_tracked!.add_(1);
        }

        return normalized;
    }

    private static Tensor Upsample(Tensor x, long size) =>
        functional.interpolate(x, size: [size, size], mode: InterpolationMode.Nearest);
}
