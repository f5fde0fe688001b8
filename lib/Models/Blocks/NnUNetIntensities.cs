using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// nnU-Net's intensity augmentation, in its order and with its probabilities (second version, batchgeneratorsv2):
/// noise 0.1, blur 0.1, brightness 0.15, contrast 0.15, low resolution 0.125, inverted gamma 0.1, gamma 0.3. Blur and
/// low resolution have a probability of 0.2 and 0.25 per image and then 0.5 per channel; a grey image has one channel.
/// </summary>
/// <remarks>
/// They act on the normalised image, as in nnU-Net, because normalisation would undo brightness and contrast. So they
/// are part of the network in training. The random numbers come from libtorch's generator, which the trainer seeds
/// at every step.
/// </remarks>
internal static class NnUNetIntensities
{
    private const int Draws = 20;

    /// <summary>Augments each image on its own.</summary>
    /// <param name="images">(B, 3, S, S), normalised, three equal channels.</param>
    /// <returns>The same shape.</returns>
    public static Tensor Apply(Tensor images)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        float[] draws = rand(images.shape[0], Draws).data<float>().ToArray();
        Tensor[] changed = [.. Enumerable.Range(0, (int)images.shape[0]).Select(
            i => Change(images.narrow(0, i, 1).narrow(1, 0, 1), draws.AsSpan(i * Draws, Draws)))];
        return cat(changed).repeat(1, images.shape[1], 1, 1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One image, (1, 1, S, S). Each probability and its values have fixed places among the random numbers.
    /// </summary>
    private static Tensor Change(Tensor x, ReadOnlySpan<float> u)
    {
        if (u[0] < 0.1)
            x = x + (randn_like(x) * (0.1 * u[1]));
        if (u[2] < 0.1)
            x = Blurred(x, 0.5 + (0.5 * u[3]));
        if (u[4] < 0.15)
            x = x * Factor(u[5], u[6], 0.75, 1.25);
        if (u[7] < 0.15)
            x = Contrasted(x, Factor(u[8], u[9], 0.75, 1.25));
        if (u[10] < 0.125)
            x = Coarsened(x, 0.5 + (0.5 * u[11]));
        if (u[12] < 0.1)
            x = -Gamma(-x, Factor(u[13], u[14], 0.7, 1.5));
        if (u[15] < 0.3)
            x = Gamma(x, Factor(u[16], u[17], 0.7, 1.5));
        return x;
    }

    /// <summary>Below or above 1 with equal probability, then uniform.</summary>
    private static double Factor(float coin, float place, double low, double high) =>
        coin < 0.5 ? low + (place * (1 - low)) : 1 + (place * (high - 1));

    internal static Tensor Contrasted(Tensor x, double factor)
    {
        Tensor mean = x.mean();
        return (((x - mean) * factor) + mean).clamp(x.min(), x.max());
    }

    /// <summary>Raises the range to the power of gamma; mean and standard deviation stay the same.</summary>
    internal static Tensor Gamma(Tensor x, double gamma)
    {
        Tensor low = x.min(), range = x.max() - low, mean = x.mean(), deviation = x.std(unbiased: false);
        Tensor y = (((x - low) / range.clamp_min(1e-7)).pow(gamma) * range) + low;
        return ((y - y.mean()) / y.std(unbiased: false).clamp_min(1e-7) * deviation) + mean;
    }

    /// <summary>Downsamples to a share of the side (nearest), then upsamples (linear).</summary>
    internal static Tensor Coarsened(Tensor x, double share)
    {
        long side = x.shape[2], coarse = Math.Max(1, (long)Math.Round(side * share));
        Tensor small = functional.interpolate(x, [coarse, coarse], mode: InterpolationMode.NearestExact);
        return functional.interpolate(small, [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    /// <summary>A Gaussian of this standard deviation in pixels, cut at three deviations, edges reflected.</summary>
    internal static Tensor Blurred(Tensor x, double sigma)
    {
        int radius = (int)Math.Ceiling(3 * sigma);
        double[] weights = [
            .. Enumerable.Range(-radius, (2 * radius) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma)))];
        Tensor kernel = tensor(weights.Select(weight => (float)(weight / weights.Sum())).ToArray()).to(x);
        Tensor padded = functional.pad(x, [radius, radius, radius, radius], PaddingModes.Reflect);
        Tensor across = functional.conv2d(padded, kernel.reshape(1, 1, 1, -1));
        return functional.conv2d(across, kernel.reshape(1, 1, -1, 1));
    }
}
