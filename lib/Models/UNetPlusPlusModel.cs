using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// UNet++ (Zhou et al., "UNet++: Redesigning Skip Connections to Exploit Multiscale Features in Image Segmentation",
/// IEEE Transactions on Medical Imaging 2019): between encoder and decoder every skip is a row of dense nodes, Eq. 1.
/// X(i, j) sits at level i, column j.
/// <code>
/// x(i, 0) = H(pool x(i-1, 0))                                   the encoder
/// x(i, j) = H([x(i, 0), ..., x(i, j-1), up x(i+1, j-1)])        j > 0
///
/// x0_0 - x0_1 - x0_2 - x0_3 - x0_4 -> logits
///    x1_0 - x1_1 - x1_2 - x1_3
///       x2_0 - x2_1 - x2_2
///          x3_0 - x3_1
///             x4_0
/// </code>
/// </summary>
/// <remarks>
/// Three public forms bear the name. This is the one with batch norm and bilinear upsampling (bigmb's NestedUNet, as
/// wide as <see cref="UNetPlusPlusSettings.PublishedWide"/>, upsampling with aligned corners, which here are not), at
/// the widths of the authors' Keras code, 32 to 512. The Keras code itself has dropout 0.5 and no batch norm, and
/// transposed convolutions. A third form has a ResNet encoder; UCTransNet's authors compared with it.
/// H is two conv3x3-BN-ReLU. Deep supervision is off in all presets, as in the authors' code by default. With it, X(0,
/// 1) to X(0, 3) give masks in training; the prediction is X(0, 4)'s, where the paper's accurate mode averages all
/// four; a loss with DeepDecay 1 weighs the four alike.
/// </remarks>
public sealed class UNetPlusPlusModel : SegmentationModel<UNetPlusPlusSettings>
{
    private const int Depth = 4;

    private readonly ModuleDict<ConvPair> nodes;
    private readonly ModuleList<Conv2d> heads;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public UNetPlusPlusModel(UNetPlusPlusSettings settings)
        : base(settings)
    {
        nodes = ModuleDict<ConvPair>();
        for (int column = 0; column <= Depth; column++)
        {
            for (int level = 0; level <= Depth - column; level++)
            {
                long fromLeft = column * Channels(level);
                long fromOther = column > 0 ? Channels(level + 1) : level > 0 ? Channels(level - 1) : 3;
                nodes.Add(Node(level, column), new ConvPair(fromLeft + fromOther, Channels(level)));
            }
        }

        // The last head is the prediction's.
        heads = ModuleList([.. Enumerable.Range(0, settings.DeepSupervision ? Depth : 1)
            .Select(_ => Conv2d(Channels(0), 1, kernel_size: 1L))]);
        RegisterComponents();
    }

    /// <summary>The diagonal, which is a plain U-Net's decoder.</summary>
    public override IReadOnlyList<string> CamLayers => ["nodes.x3_1", "nodes.x2_2", "nodes.x1_3", "nodes.x0_4"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        var rows = new List<Tensor>[Depth + 1]; // rows[i][j] is x(i, j), (B, 2^i w, S / 2^i, S / 2^i)
        for (int level = 0; level <= Depth; level++)
        {
            Tensor input = level == 0 ? image : functional.max_pool2d(rows[level - 1][0], 2);
            rows[level] = [nodes[Node(level, 0)].call(input)];
        }

        for (int column = 1; column <= Depth; column++)
        {
            for (int level = 0; level <= Depth - column; level++)
            {
                Tensor up = functional.interpolate(rows[level + 1][column - 1], scale_factor: [2, 2],
                    mode: InterpolationMode.Bilinear, align_corners: false);
                rows[level].Add(nodes[Node(level, column)].call(cat([.. rows[level], up], 1)));
            }
        }

        Tensor logits = heads[^1].call(rows[0][Depth]); // (B, 1, S, S)
        if (!training || !Settings.DeepSupervision)
            return new ModelOutput(logits);

        Tensor[] deep = [heads[2].call(rows[0][3]), heads[1].call(rows[0][2]), heads[0].call(rows[0][1])];
        return new ModelOutput(logits) { DeepLogits = deep };
    }

    private long Channels(int level) => (long)Settings.Width << level;

    private static string Node(int level, int column) => $"x{level}_{column}";
}

/// <summary>
/// The settings of <see cref="UNetPlusPlusModel"/>. The defaults are the network of 9.16 million parameters.
/// </summary>
public sealed record UNetPlusPlusSettings : ModelSettings
{
    /// <summary>The paper's own width, 32, at 224 x 224: 9,163,329 parameters.</summary>
    public static UNetPlusPlusSettings Published { get; } = new();

    /// <summary>
    /// Twice as wide, as several comparisons have it: width 64 at 224 x 224, 36.63 million parameters.
    /// </summary>
    public static UNetPlusPlusSettings PublishedWide { get; } = new() { Width = 64 };

    /// <summary>Half as wide as published: width 16 at 224 x 224; 2,293,793 parameters.</summary>
    public static UNetPlusPlusSettings Half { get; } = new() { Width = 16 };

    /// <summary>
    /// For a CPU and real images: width 12 at 112 x 112, as deep as published; 1.29 million parameters, C2FVL's has
    /// 1.36. Its many full-size nodes make it the slowest of the U-Nets, with 1.6 times C2FVL's time per step.
    /// </summary>
    public static UNetPlusPlusSettings Small { get; } = new() { Width = 12, ImageSize = 112 };

    /// <summary>
    /// For phantoms and tests: width 6 at 64 x 64, as deep as published; 0.32 million parameters, C2FVL's has 0.34.
    /// </summary>
    public static UNetPlusPlusSettings Tiny { get; } = new() { Width = 6, ImageSize = 64 };

    public override string Name => "UNet++";

    /// <summary>
    /// Channels of the first level, at least 1; the levels below have 2, 4, 8 and 16 times as many. The default is 32.
    /// </summary>
    public int Width { get; init; } = 32;

    /// <summary>
    /// Whether every node of the top row gives a mask in training, not the last alone; adds three 1x1 convolutions.
    /// The default is false.
    /// </summary>
    public bool DeepSupervision { get; init; }

    public override SegmentationModel Create() => new UNetPlusPlusModel(this);

    private protected override void RequireRanges() => RequireHalvings(4);
}
