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
public sealed class UNetModel : SegmentationModel<UNetSettings>
{
    private readonly ConvBnRelu inc;
    private readonly EncoderBlock down1, down2, down3, down4;
    private readonly TransposedUp up4, up3, up2, up1;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public UNetModel(UNetSettings settings)
        : base(settings)
    {
        long w = settings.Width;
        inc = new ConvBnRelu(3, w);
        down1 = new EncoderBlock(w, 2 * w);
        down2 = new EncoderBlock(2 * w, 4 * w);
        down3 = new EncoderBlock(4 * w, 8 * w);
        down4 = new EncoderBlock(8 * w, 8 * w);
        up4 = new TransposedUp(8 * w, 4 * w);
        up3 = new TransposedUp(4 * w, 2 * w);
        up2 = new TransposedUp(2 * w, w);
        up1 = new TransposedUp(w, w);
        outc = Conv2d(w, 1, kernel_size: 1L);
        RegisterComponents();
    }

    public override IReadOnlyList<string> CamLayers => ["up4.convs", "up3.convs", "up2.convs", "up1.convs"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x1 = inc.call(image); // (B, w, S, S)
        Tensor x2 = down1.call(x1); // (B, 2w, S/2, S/2)
        Tensor x3 = down2.call(x2); // (B, 4w, S/4, S/4)
        Tensor x4 = down3.call(x3); // (B, 8w, S/8, S/8)
        Tensor x = down4.call(x4); // (B, 8w, S/16, S/16)

        x = up4.call(x, x4); // (B, 4w, S/8, S/8)
        x = up3.call(x, x3); // (B, 2w, S/4, S/4)
        x = up2.call(x, x2); // (B, w, S/2, S/2)
        x = up1.call(x, x1); // (B, w, S, S)
        return new ModelOutput(outc.call(x)); // (B, 1, S, S)
    }

    /// <summary>One level of the decoder: map (B, C, h, w) and skip (B, C, 2h, 2w) to (B, Out, 2h, 2w).</summary>
    private sealed class TransposedUp : Module<Tensor, Tensor, Tensor>
    {
        private readonly ConvTranspose2d up;
        private readonly ConvPair convs;

        public TransposedUp(long channels, long outChannels)
            : base(nameof(TransposedUp))
        {
            up = ConvTranspose2d(channels, channels, kernel_size: 2L, stride: 2L);
            convs = new ConvPair(2 * channels, outChannels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor below, Tensor skip)
        {
            using DisposeScope scope = NewDisposeScope();
            return convs.call(cat([skip, up.call(below)], 1)).MoveToOuterDisposeScope();
        }
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

    internal override void Validate()
    {
        Require(Width >= 1, Width, "at least 1");
        RequireHalvings(4);
    }
}
