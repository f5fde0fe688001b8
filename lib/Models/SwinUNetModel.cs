using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// Swin-Unet (Cao et al., "Swin-Unet: Unet-like Pure Transformer for Medical Image Segmentation", ECCV workshops 2022):
/// a U-Net without convolutions but the first and the last, whose stages are blocks of Swin Transformer. With patches
/// of p pixels and s = S / p:
/// <code>
/// image -> patches +> encoder.0 +> encoder.1 +> encoder.2 -> encoder.3    w, 2w, 4w, 8w channels at s to s/8
///                  |            |            |                   |        merges: 2 x 2 tokens become one
///               [skip]       [skip]       [skip]                norm      a skip is what enters its stage
///                  |            |            |                   |        expands: one token becomes 2 x 2
/// logits &lt;- final &lt;- decoder.2 &lt;- decoder.1 &lt;- decoder.0 &lt;---+    joins: linear over [expanded, skip]
/// </code>
/// </summary>
/// <remarks>
/// Trained here from scratch. The published method starts encoder and decoder from Swin-T weights pretrained on
/// ImageNet; without them its results are not the published method's, and a table of them must say so. The decoder is
/// as the released code builds it: the configuration's decoder depths 2-2-2-1 never reach it, so the coarsest step
/// expands alone and each of the three further stages has 2 blocks, with the drop-path rates of the encoder's stage.
/// The linears start otherwise than published, see the initialisation.
/// </remarks>
public sealed class SwinUNetModel : SegmentationModel<SwinUNetSettings>
{
    private readonly Conv2d patches;
    private readonly LayerNorm patchNorm;
    private readonly ModuleList<Sequential> encoder;
    private readonly ModuleList<PatchMerging> merges;
    private readonly LayerNorm norm;
    private readonly ModuleList<PatchExpanding> expands;
    private readonly ModuleList<Linear> joins;
    private readonly ModuleList<Sequential> decoder;
    private readonly LayerNorm upNorm;
    private readonly PatchExpanding final;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public SwinUNetModel(SwinUNetSettings settings)
        : base(settings)
    {
        long w = settings.Width;
        int[] stages = [.. Enumerable.Range(0, settings.Stages)];
        int[] up = [.. stages[..^1].Reverse()]; // the decoder's, from coarse to fine
        patches = Conv2d(3, w, kernel_size: settings.Patch, stride: settings.Patch);
        patchNorm = LayerNorm(w);
        encoder = ModuleList([.. stages.Select(Stage)]);
        merges = ModuleList([.. stages[..^1].Select(i => new PatchMerging(w << i, Side(i)))]);
        norm = LayerNorm(w << up.Length);
        expands = ModuleList([.. up.Select(i => new PatchExpanding(w << (i + 1), w << i, factor: 2, Side(i + 1)))]);
        joins = ModuleList([.. up.Select(i => Linear(2 * (w << i), w << i))]);
        decoder = ModuleList([.. up.Select(Stage)]);
        upNorm = LayerNorm(w);
        final = new PatchExpanding(w, w, settings.Patch, Side(0));
        outc = Conv2d(w, 1, kernel_size: 1L, bias: false);
        RegisterComponents();
        Initialize();
    }

    /// <summary>The coarsest stage and those of the decoder; their outputs are tokens.</summary>
    public override IReadOnlyList<string> CamLayers =>
        [$"encoder.{Settings.Stages - 1}", .. Enumerable.Range(0, Settings.Stages - 1).Select(i => $"decoder.{i}")];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x = patches.call(image).flatten(2).transpose(1, 2); // (B, s², w), row by row
        x = patchNorm.call(x);
        var skips = new Stack<Tensor>();
        for (int i = 0; i < encoder.Count; i++)
        {
            Tensor entering = x; // (B, (s / 2^i)², w 2^i), the skip of the released code: before the stage's blocks
            x = encoder[i].call(x);
            if (i == merges.Count)
                break;
            skips.Push(entering);
            x = merges[i].call(x);
        }

        x = norm.call(x);
        for (int i = 0; i < decoder.Count; i++)
        {
            x = expands[i].call(x); // as the skip
            x = joins[i].call(cat([x, skips.Pop()], 2));
            x = decoder[i].call(x);
        }

        x = final.call(upNorm.call(x)); // (B, S², w)
        Tensor map = x.transpose(1, 2).reshape(image.shape[0], Settings.Width, Settings.ImageSize, Settings.ImageSize);
        return new ModelOutput(outc.call(map)); // (B, 1, S, S)
    }

    /// <summary>The map's side in tokens at a stage.</summary>
    private int Side(int stage) => (Settings.ImageSize / Settings.Patch) >> stage;

    /// <summary>
    /// The blocks of a stage, every second one shifted; the path's probability rises from 0 at the encoder's first
    /// block to the setting at its last, and the decoder's stages have their encoder's.
    /// </summary>
    private Sequential Stage(int stage)
    {
        int last = (Settings.Stages * Settings.Depth) - 1;
        return Sequential([.. Enumerable.Range(0, Settings.Depth).Select(block => SwinBlock.Create(
            (long)Settings.Width << stage, Settings.Heads << stage, Side(stage), Settings.Window,
            shifted: block % 2 == 1, Settings.MlpRatio,
            Settings.DropPath * ((stage * Settings.Depth) + block) / Math.Max(last, 1)))]);
    }

    /// <summary>
    /// The linears start from N(0, 1 / In), their biases at 0, the position biases from N(0, 0.02²). Swin Transformer's
    /// linears start from N(0, 0.02²), which suits its widths and pretrained weights; from scratch and as
    /// narrow as the small presets, the network then learns late. The patches' convolution keeps its random bias:
    /// images come in 0 to 1 with no mean taken off, and without a bias the norm that follows would make all even
    /// patches one, whatever their brightness.
    /// </summary>
    private void Initialize()
    {
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (name.EndsWith("attn.biases", StringComparison.Ordinal))
                init.normal_(parameter, std: 0.02);
            else if (parameter.dim() == 2)
                init.normal_(parameter, std: 1 / Math.Sqrt(parameter.shape[1]));
            else if (name != "patches.bias" && name.EndsWith("bias", StringComparison.Ordinal))
                init.zeros_(parameter);
        }
    }
}

/// <summary>The settings of <see cref="SwinUNetModel"/>. The defaults are the published network.</summary>
public sealed record SwinUNetSettings : ModelSettings
{
    /// <summary>
    /// As published: patches of 4 pixels, 96 channels, four stages of 2 blocks, windows of 7 at 224 x 224, 27,168,132
    /// parameters. From scratch, without the pretrained weights that the published method starts from.
    /// </summary>
    public static SwinUNetSettings Published { get; } = new() { DropPath = 0.2, Form = 1 };

    /// <summary>
    /// Half as wide as published: 48 channels at 224 x 224; a head has 16 channels in place of 32; 6,826,068
    /// parameters.
    /// </summary>
    public static SwinUNetSettings Half { get; } = new() { Width = 48, DropPath = 0.2, Form = 1 };

    /// <summary>
    /// For a CPU and real images: 24 channels at 112 x 112, patches of 2 pixels, so 56 x 56 tokens, windows of 7 and
    /// four stages of 2 blocks and 3 to 24 heads as published; a head has 8 channels in place of 32, and the MLP's
    /// ratio is 3 in place of 4; 1.48 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static SwinUNetSettings Small { get; } =
        new() { Width = 24, Patch = 2, MlpRatio = 3, DropPath = 0.2, ImageSize = 112, Form = 1 };

    /// <summary>
    /// For phantoms and tests: 24 channels at 64 x 64, patches of 2 pixels, three stages of 2 blocks in place of four,
    /// windows of 4 and MLP ratio 3; 0.36 million parameters, C2FVL's has 0.34. No path is dropped: so short a training
    /// underfits.
    /// </summary>
    public static SwinUNetSettings Tiny { get; } = Small with { Stages = 3, Window = 4, DropPath = 0, ImageSize = 64 };

    public override string Name => "Swin-UNet";

    private protected override int CurrentForm => 1;

    /// <summary>
    /// Channels of the first stage, a multiple of <see cref="Heads"/>; each further stage has twice as many. The
    /// default is 96.
    /// </summary>
    public int Width { get; init; } = 96;

    /// <summary>The side of the patch that becomes a token, in pixels, at least 1. The default is 4.</summary>
    public int Patch { get; init; } = 4;

    /// <summary>Stages of the encoder, from 2 to 6; the decoder has one fewer. The default is 4.</summary>
    public int Stages { get; init; } = 4;

    /// <summary>Blocks a stage, at least 1; the second, fourth and so on are shifted. The default is 2.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>
    /// Attention heads of the first stage, at least 1; each further stage has twice as many. The default is 3.
    /// </summary>
    public int Heads { get; init; } = 3;

    /// <summary>
    /// The side of the attention's windows in tokens, at least 2. Whole windows fill the map of every stage: the
    /// image's side is a multiple of patch, window and all halvings. The default is 7.
    /// </summary>
    public int Window { get; init; } = 7;

    /// <summary>The MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>
    /// Probability that an image skips a branch of the last block in training, 0 to below 1; earlier blocks have less.
    /// The default is 0.1, which an older spec means; the released code and the presets have 0.2.
    /// </summary>
    public double DropPath { get; init; } = 0.1;

    public override SegmentationModel Create() => new SwinUNetModel(this);

    private protected override void RequireRanges()
    {
        Require(Width % Heads == 0, Width, $"a positive multiple of the heads, {Heads}");
        Require(Stages is >= 2 and <= 6, Stages, "from 2 to 6");
        Require(Window >= 2, Window, "at least 2");
        RequireProbability(DropPath);
        int factor = Patch * Window << (Stages - 1);
        Require(ImageSize > 0 && ImageSize % factor == 0, ImageSize,
            $"a positive multiple of {factor}, as whole windows of {Window} x {Window} patches of {Patch} pixels "
            + $"fill the coarsest of {Stages} stages");
    }
}
