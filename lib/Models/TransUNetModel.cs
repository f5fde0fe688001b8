using System.Text.Json.Serialization;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// TransUNet (Chen et al., "TransUNet: Transformers Make Strong Encoders for Medical Image Segmentation", 2021): a
/// vision transformer reads the coarsest map of a ResNet-50, and a cascade of upsamplings joins the ResNet's finer
/// maps.
/// <code>
/// image -> root -> pool -> stage1 -> stage2 -> stage3        w, 4w, 8w, 16w channels at S/2, S/4, S/8, S/16
///           |                |         |         |
/// | | | embed 1 x 1: each place of the map is a token, plus its position
///           |                |         |       layers        norm, attention, norm, MLP
///         [skip]           [skip]    [skip]    toMap         conv3x3 back to 8w channels
///           |                |         |         |
/// up2 &lt;- up3 &lt;- up4 &lt;---- bilinear x 2, joined with the skip, two conv3x3-BN-ReLU
///           |
///          up1 -> head -> logits                             no skip at S
/// </code>
/// </summary>
/// <remarks>
/// The hybrid of Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021: the ResNet's convolutions are
/// weight-standardised, its norms are group norms, and the units of the fourth stage (3) stand in the third, 3-4-9 in
/// all. Trained here from scratch: the published method starts ResNet and transformer from ImageNet-21k weights, and
/// without them its results are not the published method's; a table of them must say so. What the released code has of
/// its own stands under <see cref="TransUNetSettings.AsReleased"/>. In that code the
/// MLPs' linears start by Xavier's rule; here all linears start from N(0, 0.02²). The public
/// implementation's convolutions before a batch norm have no bias; here they have, 1,440 idle parameters.
/// </remarks>
public sealed class TransUNetModel : SegmentationModel<TransUNetSettings>
{
    /// <summary>Of the transformer's norms.</summary>
    private const double Epsilon = 1e-6;

    private readonly StdConv2d root;
    private readonly GroupNorm rootNorm;
    private readonly Sequential stage1, stage2, stage3;
    private readonly Conv2d embed;
    private readonly Parameter positions; // (1, N, C)
    private readonly QuickDropout dropout;
    private readonly Sequential layers;
    private readonly LayerNorm norm;
    private readonly ConvBnRelu toMap;
    private readonly UpBlock up4, up3, up2, up1;
    private readonly Conv2d head;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public TransUNetModel(TransUNetSettings settings)
        : base(settings)
    {
        long w = settings.Width, c = settings.Channels;
        long side = settings.ImageSize / 16;
        root = new StdConv2d(3, w, kernel: 7, stride: 2);
        rootNorm = Norm(w);
        stage1 = Stage(w, w, settings.Units1, stride: 1);
        stage2 = Stage(4 * w, 2 * w, settings.Units2, stride: 2);
        stage3 = Stage(8 * w, 4 * w, settings.Units3, stride: 2);
        embed = Conv2d(16 * w, c, kernel_size: 1L);
        positions = Parameter(zeros(1, side * side, c));
        dropout = new QuickDropout(settings.Dropout);
        layers = Sequential([.. Enumerable.Range(0, settings.Layers).Select(_ => Layer())]);
        norm = LayerNorm(c, eps: Epsilon);
        toMap = new ConvBnRelu(c, 8 * w);
        up4 = Up(8 * w, 8 * w, 4 * w);
        up3 = Up(4 * w, 4 * w, 2 * w);
        up2 = Up(2 * w, w, w);
        up1 = Up(w, 0, settings.LastWidth);
        head = Conv2d(settings.LastWidth, 1, kernel_size: 3L, padding: 1L);
        RegisterComponents();
        Initialize();
    }

    public override IReadOnlyList<string> CamLayers => ["toMap", "up4.convs", "up3.convs", "up2.convs", "up1.convs"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x1 = rootNorm.call(root.call(image)).relu_(); // (B, w, S/2, S/2)
        Tensor pooled = functional.max_pool2d(x1, 3, stride: 2, padding: Settings.AsReleased ? 0 : 1);
        Tensor x2 = stage1.call(pooled); // (B, 4w, S/4, S/4); as released one smaller, as the pool has no padding
        Tensor x3 = stage2.call(x2); // (B, 8w, S/8, S/8)
        Tensor x = stage3.call(x3); // (B, 16w, S/16, S/16)
        long side = x.shape[2];

        Tensor tokens = embed.call(x).flatten(2).transpose(1, 2); // (B, N, C), row by row
        tokens = norm.call(layers.call(dropout.call(tokens + positions)));
        x = tokens.transpose(1, 2).reshape(image.shape[0], Settings.Channels, side, side);

        x = toMap.call(x); // (B, 8w, S/16, S/16)
        x = up4.call(x, x3); // (B, 4w, S/8, S/8)
        x = up3.call(x, Padded(x2)); // (B, 2w, S/4, S/4)
        x = up2.call(x, x1); // (B, w, S/2, S/2)
        x = up1.call(x, null); // (B, LastWidth, S, S)
        return new ModelOutput(head.call(x)); // (B, 1, S, S)
    }

    /// <summary>
    /// A skip of a quarter of the image's side, zeros put at its right and bottom where it is smaller.
    /// </summary>
    private Tensor Padded(Tensor skip)
    {
        long lacking = (Settings.ImageSize / 4) - skip.shape[2];
        return lacking == 0 ? skip : functional.pad(skip, [0, lacking, 0, lacking]);
    }

    /// <summary>A step of the cascaded upsampler.</summary>
    private UpBlock Up(long inChannels, long skipChannels, long outChannels) =>
        new(inChannels, skipChannels, outChannels, InterpolationMode.Bilinear, Settings.AsReleased);

    /// <summary>
    /// A stage of the ResNet, bottlenecks of standardised convolutions and group norms: (B, In, h, w) to (B, 4 Inner,
    /// h / stride, w / stride).
    /// </summary>
    private Sequential Stage(long inChannels, long inner, int units, int stride) => Bottleneck.Stage(
        inChannels, inner, units, stride, (from, to, kernel, by) => new StdConv2d(from, to, kernel, by), "norm", Norm,
        (from, to, by) => [
            ("shortcut", new StdConv2d(from, to, kernel: 1, by)),
            ("shortcutNorm", GroupNorm(Settings.AsReleased ? to : Settings.Groups, to))]);

    /// <summary>A layer of the vision transformer, the paper's Eq. 2-3: (B, N, C) to (B, N, C).</summary>
    private TransformerBlock Layer() => new(new SelfAttention(Settings.Channels, Settings.Heads),
        new Mlp(Settings.Channels, Settings.MlpRatio, Settings.Dropout), Epsilon);

    private GroupNorm Norm(long channels) =>
        GroupNorm(Settings.Groups, channels, eps: Settings.AsReleased ? 1e-6 : 1e-5);

    /// <summary>
    /// As vision transformers start from scratch: linears from N(0, 0.02²), biases 0; positions from N(0, 0.02²) too,
    /// or from 0 as released. The norms' weights are
    /// set because TorchSharp 0.107's GroupNorm leaves them as the memory was.
    /// </summary>
    private void Initialize()
    {
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() == 3 && Settings.AsReleased)
                init.zeros_(parameter);
            else if (parameter.dim() is 2 or 3)
                init.normal_(parameter, std: 0.02);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                init.zeros_(parameter);
            else if (parameter.dim() == 1)
                init.ones_(parameter);
        }
    }
}

/// <summary>The settings of <see cref="TransUNetModel"/>. The defaults are the published network.</summary>
public sealed record TransUNetSettings : ModelSettings
{
    /// <summary>
    /// As published, R50-ViT-B/16: width 64, ResNet units 3-4-9, 12 layers of 768 channels and 12 heads over 196 tokens
    /// at 224 x 224, 105,277,361 parameters. From scratch, without the pretrained weights that the published method
    /// starts from.
    /// </summary>
    public static TransUNetSettings Published { get; } = new() { AsReleased = true };

    /// <summary>
    /// Half as wide as published: width 32 at 224 x 224, 12 layers of 384 channels and 6 heads; 26,400,921 parameters.
    /// </summary>
    public static TransUNetSettings Half { get; } =
        new() { Width = 32, Groups = 16, Channels = 384, Heads = 6, LastWidth = 8, AsReleased = true };

    /// <summary>
    /// For a CPU and real images: width 16 at 112 x 112, ResNet units 2-2-3, and 3 layers of 128 channels and 4 heads
    /// over 49 tokens, as a token is 16 x 16 pixels as published; 1.32 million parameters, C2FVL's has 1.36. The
    /// transformer holds 45 % of them (published 81 %): from scratch, and in so small a network, the maps need the
    /// rest.
    /// </summary>
    public static TransUNetSettings Small { get; } = new()
    {
        Width = 16, Groups = 8, Units1 = 2, Units2 = 2, Units3 = 3, Channels = 128, Layers = 3, Heads = 4,
        ImageSize = 112, AsReleased = true,
    };

    /// <summary>
    /// For phantoms and tests: half as wide as <see cref="Small"/> and as deep, width 8 and 64 channels over 16 tokens
    /// at 64 x 64; 0.33 million parameters, C2FVL's has 0.34.
    /// </summary>
    public static TransUNetSettings Tiny { get; } = Small with
    { Width = 8, Groups = 4, Channels = 64, LastWidth = 8, ImageSize = 64 };

    public override string Name => "TransUNet";

    /// <summary>
    /// Channels of the ResNet's root, a multiple of <see cref="Groups"/>; its stages have 4, 8 and 16 times as many,
    /// the upsampler's steps 4, 2 and 1 times. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>Groups of the ResNet's group norms, at least 1. The default is 32.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>Units of the ResNet's first stage, at least 1. The default is 3.</summary>
    public int Units1 { get; init; } = 3;

    /// <summary>Units of the second stage, at least 1. The default is 4.</summary>
    public int Units2 { get; init; } = 4;

    /// <summary>Units of the third stage, at least 1. The default is 9.</summary>
    public int Units3 { get; init; } = 9;

    /// <summary>Channels of a token, a multiple of <see cref="Heads"/>. The default is 768.</summary>
    public int Channels { get; init; } = 768;

    /// <summary>Layers of the transformer, at least 1. The default is 12.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>Attention heads, at least 1. The default is 12.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>The MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Channels at the image's size, before the head, at least 1. The default is 16.</summary>
    public int LastWidth { get; init; } = 16;

    /// <summary>Dropout probability of embeddings and MLP, 0 to below 1. The default is 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>
    /// Whether the details are those of the released code: the shortcut's norm has a group per channel, the ResNet's
    /// other norms an epsilon of 1e-6, the pool has no padding and its skip is padded with zeros, positions start at 0,
    /// and upsampling aligns corners. All presets have them. The default is false, which an older spec means.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AsReleased { get; init; }

    public override SegmentationModel Create() => new TransUNetModel(this);

    private protected override void RequireRanges()
    {
        Require(Width % Groups == 0, Width, $"a positive multiple of the groups, {Groups}");
        Require(Channels % Heads == 0, Channels, $"a positive multiple of the heads, {Heads}");
        RequireProbability(Dropout);
        RequireHalvings(4);
    }
}
