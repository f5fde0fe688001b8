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
public sealed class AttUNetModel : UShapedModel<AttUNetSettings>
{
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public AttUNetModel(AttUNetSettings settings)
        : base(settings, () => [.. Enumerable.Range(0, 5).Select(level => new ConvPair(
            level == 0 ? 3 : settings.Width << (level - 1), settings.Width << level, pools: level > 0))])
    {
        long w = settings.Width;
        AddDecoder(w, new GatedUp(16 * w, 8 * w), new GatedUp(8 * w, 4 * w), new GatedUp(4 * w, 2 * w),
            new GatedUp(2 * w, w));
    }

    /// <summary>One level of the decoder: map (B, In, h, w) and skip (B, Out, 2h, 2w) to (B, Out, 2h, 2w).</summary>
    private sealed class GatedUp(long inChannels, long outChannels) : Block<Tensor>(nameof(GatedUp))
    {
        private readonly ConvBnRelu up = new(inChannels, outChannels);
        private readonly AttentionGate gate = new(outChannels, outChannels / 2);
        private readonly ConvPair convs = new(2 * outChannels, outChannels);

        protected override Tensor Compute(Tensor below, Tensor skip)
        {
            Tensor g = up.call(functional.interpolate(below, scale_factor: [2, 2], mode: InterpolationMode.Nearest));
            return convs.call(cat([gate.call(skip, g), g], 1));
        }
    }

    /// <summary>
    /// The additive attention gate, the paper's Eq. 1-2: one weight from 0 to 1 per pixel,
    /// <c>x * sigmoid(psi(ReLU(Wx x + Wg g)))</c>, each map a conv1x1-BN.
    /// </summary>
    private sealed class AttentionGate(long channels, long inner) : Block<Tensor>(nameof(AttentionGate))
    {
        private readonly Sequential ofSkip = Sequential(Conv2d(channels, inner, kernel_size: 1L), BatchNorm2d(inner));
        private readonly Sequential ofGate = Sequential(Conv2d(channels, inner, kernel_size: 1L), BatchNorm2d(inner));
        private readonly Sequential psi = Sequential(Conv2d(inner, 1, kernel_size: 1L), BatchNorm2d(1), Sigmoid());

        protected override Tensor Compute(Tensor skip, Tensor g) =>
            skip * psi.call((ofSkip.call(skip) + ofGate.call(g)).relu_()); // the weight: (B, 1, h, w)
    }
}

/// <summary>The settings of <see cref="AttUNetModel"/>. The defaults are the published comparison's network.</summary>
public sealed record AttUNetSettings : ModelSettings
{
    /// <summary>As wide as comparisons count it: width 64 at 224 x 224, 34,878,573 parameters.</summary>
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

    private protected override void RequireRanges()
    {
        Require(Width >= 2 && Width % 2 == 0, Width, "a positive even number, as the gates halve it");
        RequireHalvings(4);
    }
}
