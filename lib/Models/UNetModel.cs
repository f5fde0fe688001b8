using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// U-Net (Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015) in the
/// variant that C2FVL, LViT and UCTransNet compare with.
/// <code>
/// image -> inc -> down1 -> down2 -> down3 -> down4      w, 2w, 4w, 8w, 8w channels at S to S/16
///           |       |        |        |        |
/// up1 &lt;- up2 &lt;- up3 &lt;- up4 &lt;---- conv transposed 2x2, joined with the skip, two convs
///           |
///          outc -> logits
/// </code>
/// </summary>
/// <remarks>
/// It departs from the paper in this: convolutions are padded, so no skip is cropped; batch norm; the first level has
/// one convolution, and the last is no wider than the one before, so 14.75 million parameters and not 31.04 million.
/// </remarks>
public sealed class UNetModel : UShapedModel<UNetSettings>
{
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public UNetModel(UNetSettings settings)
        : base(settings, () => EncoderBlock.Levels(settings.Width))
    {
        long w = settings.Width;
        AddDecoder(w, new TransposedUp(8 * w, 4 * w), new TransposedUp(4 * w, 2 * w), new TransposedUp(2 * w, w),
            new TransposedUp(w, w));
    }

    /// <summary>One level of the decoder: map (B, C, h, w) and skip (B, C, 2h, 2w) to (B, Out, 2h, 2w).</summary>
    private sealed class TransposedUp(long channels, long outChannels) : Block<Tensor>(nameof(TransposedUp))
    {
        private readonly ConvTranspose2d up = ConvTranspose2d(channels, channels, kernel_size: 2L, stride: 2L);
        private readonly ConvPair convs = new(2 * channels, outChannels);

        protected override Tensor Compute(Tensor below, Tensor skip) => convs.call(cat([skip, up.call(below)], 1));
    }
}

/// <summary>The settings of <see cref="UNetModel"/>. The defaults are the published comparison's network.</summary>
public sealed record UNetSettings : ModelSettings
{
    /// <summary>As in the paper's Table 1: width 64 at 224 x 224, 14,751,873 parameters.</summary>
    public static UNetSettings Published { get; } = new();

    /// <summary>
    /// Half as wide as published: width 32 at 224 x 224, as C2FVL at that size; 3,691,585 parameters.
    /// </summary>
    public static UNetSettings Half { get; } = new() { Width = 32 };

    /// <summary>
    /// For a CPU and real images: width 20 at 112 x 112, as deep as published; 1.44 million parameters, C2FVL's has
    /// 1.36.
    /// </summary>
    public static UNetSettings Small { get; } = new() { Width = 20, ImageSize = 112 };

    /// <summary>
    /// For phantoms and tests: width 10 at 64 x 64, as deep as published; 0.36 million parameters, C2FVL's has 0.34.
    /// </summary>
    public static UNetSettings Tiny { get; } = new() { Width = 10, ImageSize = 64 };

    public override string Name => "UNet";

    /// <summary>
    /// Channels of the first level, at least 1; the levels below have 2, 4, 8 and 8 times as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    public override SegmentationModel Create() => new UNetModel(this);

    private protected override void RequireRanges() => RequireHalvings(4);
}
