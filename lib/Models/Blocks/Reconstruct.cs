using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Eq. 1-2, <c>x_i = Reconstruct(ViT_i) + CNN_i</c>: the tokens of a scale, brought back to the size of the CNN's map
/// (nearest neighbour, conv1x1, batch norm, ReLU) and added to it.
/// </summary>
public sealed class Reconstruct : Module<Tensor, Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d norm;

    public Reconstruct(long channels)
        : base(nameof(Reconstruct))
    {
        conv = Conv2d(channels, channels, kernel_size: 1L);
        norm = BatchNorm2d(channels);
        RegisterComponents();
    }

    /// <param name="tokens">(B, N, C), N the square of a side that divides h.</param>
    /// <param name="map">The CNN's map, (B, C, h, h).</param>
    public override Tensor forward(Tensor tokens, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = tokens.shape[0], channels = tokens.shape[2], size = map.shape[2];
        long side = (long)Math.Sqrt(tokens.shape[1]);
        Tensor x = tokens.transpose(1, 2).reshape(batch, channels, side, side);

        // The released code upsamples before the convolution. A 1x1 convolution treats each pixel by itself, so the
        // other order gives the same numbers for a fraction of the work. The norm stays on the large map: its
        // running variance divides by the count of pixels less one.
        x = functional.interpolate(conv.call(x), size: [size, size], mode: InterpolationMode.Nearest); // (B, C, h, h)
        x = norm.call(x).relu_();
        return (x + map).MoveToOuterDisposeScope();
    }
}
