using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// Attention U-Net (Oktay et al., "Attention U-Net: Learning Where to Look for the Pancreas", MIDL 2018): a U-Net of
/// five levels, w to 16 w channels, whose skips pass a gate that the map from below controls.
/// <code>
/// g = conv3x3-BN-ReLU(up(below))
/// x = [gate(skip, g), g] -> two conv3x3-BN-ReLU
/// </code>
/// </summary>
/// <remarks>
/// The paper gates with the map of the coarser level and upsamples the weights afterwards. Here the map is upsampled
/// first, as in the implementation that the comparisons count (34.88 million parameters), so gate and skip have one
/// size. Batch norm follows each of the gate's convolutions.
/// </remarks>
public sealed class AttUNetModel : SegmentationModel<AttUNetSettings>
{
    private readonly ConvPair inc, down1, down2, down3, down4;
    private readonly GatedUp up4, up3, up2, up1;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public AttUNetModel(AttUNetSettings settings)
        : base(settings)
    {
        long w = settings.Width;
        inc = new ConvPair(3, w);
        down1 = new ConvPair(w, 2 * w);
        down2 = new ConvPair(2 * w, 4 * w);
        down3 = new ConvPair(4 * w, 8 * w);
        down4 = new ConvPair(8 * w, 16 * w);
        up4 = new GatedUp(16 * w, 8 * w);
        up3 = new GatedUp(8 * w, 4 * w);
        up2 = new GatedUp(4 * w, 2 * w);
        up1 = new GatedUp(2 * w, w);
        outc = Conv2d(w, 1, kernel_size: 1L);
        RegisterComponents();
    }

    public override IReadOnlyList<string> CamLayers => ["up4.convs", "up3.convs", "up2.convs", "up1.convs"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x1 = inc.call(image); // (B, w, S, S)
        Tensor x2 = down1.call(functional.max_pool2d(x1, 2)); // (B, 2w, S/2, S/2)
        Tensor x3 = down2.call(functional.max_pool2d(x2, 2)); // (B, 4w, S/4, S/4)
        Tensor x4 = down3.call(functional.max_pool2d(x3, 2)); // (B, 8w, S/8, S/8)
        Tensor x = down4.call(functional.max_pool2d(x4, 2)); // (B, 16w, S/16, S/16)

        x = up4.call(x, x4); // (B, 8w, S/8, S/8)
        x = up3.call(x, x3); // (B, 4w, S/4, S/4)
        x = up2.call(x, x2); // (B, 2w, S/2, S/2)
        x = up1.call(x, x1); // (B, w, S, S)
        return new ModelOutput(outc.call(x)); // (B, 1, S, S)
    }

    /// <summary>One level of the decoder: map (B, In, h, w) and skip (B, Out, 2h, 2w) to (B, Out, 2h, 2w).</summary>
    private sealed class GatedUp : Module<Tensor, Tensor, Tensor>
    {
        private readonly ConvBnRelu up;
        private readonly AttentionGate gate;
        private readonly ConvPair convs;

        public GatedUp(long inChannels, long outChannels)
            : base(nameof(GatedUp))
        {
            up = new ConvBnRelu(inChannels, outChannels);
            gate = new AttentionGate(outChannels, outChannels / 2);
            convs = new ConvPair(2 * outChannels, outChannels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor below, Tensor skip)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor g = up.call(functional.interpolate(below, scale_factor: [2, 2], mode: InterpolationMode.Nearest));
            return convs.call(cat([gate.call(skip, g), g], 1)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>
    /// The additive attention gate, the paper's Eq. 1-2: one weight from 0 to 1 per pixel,
    /// <c>x * sigmoid(psi(ReLU(Wx x + Wg g)))</c>, each map a conv1x1-BN.
    /// </summary>
    private sealed class AttentionGate : Module<Tensor, Tensor, Tensor>
    {
        private readonly Sequential ofSkip;
        private readonly Sequential ofGate;
        private readonly Sequential psi;

        public AttentionGate(long channels, long inner)
            : base(nameof(AttentionGate))
        {
            ofSkip = Sequential(Conv2d(channels, inner, kernel_size: 1L), BatchNorm2d(inner));
            ofGate = Sequential(Conv2d(channels, inner, kernel_size: 1L), BatchNorm2d(inner));
            psi = Sequential(Conv2d(inner, 1, kernel_size: 1L), BatchNorm2d(1), Sigmoid());
            RegisterComponents();
        }

        public override Tensor forward(Tensor skip, Tensor g)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = psi.call((ofSkip.call(skip) + ofGate.call(g)).relu_()); // (B, 1, h, w)
            return (skip * weight).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>The settings of <see cref="AttUNetModel"/>. The defaults are the published comparison's network.</summary>
public sealed record AttUNetSettings : ModelSettings
{
    /// <summary>As in the paper's Table 1: width 64 at 224 x 224, 34,878,573 parameters.</summary>
    public static AttUNetSettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32 at 224 x 224; 8,726,077 parameters.</summary>
    public static AttUNetSettings Half { get; } = new() { Width = 32 };

    /// <summary>
    /// For a CPU and real images: width 12 at 112 x 112, as deep as published; 1.23 million parameters, C2FVL's has
    /// 1.36.
    /// </summary>
    public static AttUNetSettings Small { get; } = new() { Width = 12, ImageSize = 112 };

    /// <summary>
    /// For phantoms and tests: width 6 at 64 x 64, as deep as published; 0.31 million parameters, C2FVL's has 0.34.
    /// </summary>
    public static AttUNetSettings Tiny { get; } = new() { Width = 6, ImageSize = 64 };

    public override string Name => "AttUNet";

    /// <summary>
    /// Channels of the first level, even, at least 2; the levels below have 2, 4, 8 and 16 times as many. The default
    /// is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    public override SegmentationModel Create() => new AttUNetModel(this);

    internal override void Validate()
    {
        Require(Width >= 2 && Width % 2 == 0, Width, "a positive even number, as the gates halve it");
        RequireHalvings(4);
    }
}
