using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// C2FVL, "Coarse-to-Fine Covid-19 Segmentation via Vision-Language Alignment" (ICASSP 2023): a U-shaped CNN with a
/// ViT branch beside its encoder, whose skips carry both branches, the report, and an alignment across levels.
/// <code>
/// image -> inc -> down1 -> down2 -> down3 -> down4          CNN branch, S to S/16
///           |       |        |        |        |
///         downVit downVit1 downVit2 downVit3   |            ViT branch, the same tokens at every level
///           |       |        |        |        |
///         skip_i = (Reconstruct(ViT_i) + CNN_i) * text      Eq. 1-3
///           |       |        |        |        |
/// up1 &lt;- up2 &lt;- up3 &lt;- up4 &lt;---- each: VLAB(skip), Eq. 4-6, concatenated with the map below
///           |
///          outc -> logits
/// </code>
/// </summary>
/// <remarks>
/// Submodules have the names of the released code, so that its checkpoints load by name. Only its parameters that
/// receive a gradient are here. Two details of the released code: the ViTs and the deeper CNN levels read the raw CNN
/// maps, so reconstruction and text change only the skips, never the bottleneck; and <c>outc</c>, the convolution that
/// makes the mask, also makes the first alignment map.
/// </remarks>
public sealed partial class C2FVLModel : SegmentationModel<C2FVLSettings>
{
    private readonly ConvBnRelu inc;
    private readonly EncoderBlock down1, down2, down3, down4;
    private readonly EncoderVit? downVit, downVit1, downVit2, downVit3;
    private readonly Reconstruct? reconstruct1, reconstruct2, reconstruct3, reconstruct4;
    private readonly DecoderBlock up4, up3, up2, up1;
    private readonly Conv2d outc;
    private readonly Conv2d? outc2, outc3, outc4;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public C2FVLModel(C2FVLSettings settings)
        : base(settings)
    {
        long w = settings.Width;
        inc = new ConvBnRelu(3, w);
        down1 = new EncoderBlock(w, 2 * w);
        down2 = new EncoderBlock(2 * w, 4 * w);
        down3 = new EncoderBlock(4 * w, 8 * w);
        down4 = new EncoderBlock(8 * w, 8 * w);
        if (settings.UseViT)
        {
            downVit = Vit(1);
            downVit1 = Vit(2);
            downVit2 = Vit(3);
            downVit3 = Vit(4);
            reconstruct1 = new Reconstruct(w);
            reconstruct2 = new Reconstruct(2 * w);
            reconstruct3 = new Reconstruct(4 * w);
            reconstruct4 = new Reconstruct(8 * w);
        }

        up4 = new DecoderBlock(16 * w, 4 * w, settings.UseVlab);
        up3 = new DecoderBlock(8 * w, 2 * w, settings.UseVlab);
        up2 = new DecoderBlock(4 * w, w, settings.UseVlab);
        up1 = new DecoderBlock(2 * w, w, settings.UseVlab);
        outc = Conv2d(w, 1, kernel_size: 1L);
        if (settings.UseVlab)
        {
            outc2 = Conv2d(2 * w, 1, kernel_size: 1L);
            outc3 = Conv2d(4 * w, 1, kernel_size: 1L);
            outc4 = Conv2d(8 * w, 1, kernel_size: 1L);
        }

        RegisterComponents();
    }

    /// <summary>The decoder's convolutions, the paper's CNN4 to CNN1.</summary>
    public override IReadOnlyList<string> CamLayers => ["up4.nConvs", "up3.nConvs", "up2.nConvs", "up1.nConvs"];

    /// <summary>
    /// Whether the released code registers a weight of this name and never calls it: a second set of ViTs and VLABs,
    /// the text blocks, and parts of the live blocks.
    /// </summary>
    public override bool IsUnused(string name) => NeverCalled().IsMatch(name);

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x1 = inc.call(ChannelsLast.Of(image)); // (B, w, S, S)
        Tensor x2 = down1.call(x1); // (B, 2w, S/2, S/2)
        Tensor x3 = down2.call(x2); // (B, 4w, S/4, S/4)
        Tensor x4 = down3.call(x3); // (B, 8w, S/8, S/8)
        Tensor bottleneck = down4.call(x4); // (B, 8w, S/16, S/16)

        Tensor[] skips = WithText(WithViT(x1, x2, x3, x4), text);

        (Tensor map4, Tensor aligned4) = up4.call(bottleneck, skips[3]); // (B, 4w, S/8, S/8), aligned (B, 8w, S/8, S/8)
        (Tensor map3, Tensor aligned3) = up3.call(map4, skips[2]); // (B, 2w, S/4, S/4)
        (Tensor map2, Tensor aligned2) = up2.call(map3, skips[1]); // (B, w, S/2, S/2)
        (Tensor map1, Tensor aligned1) = up1.call(map2, skips[0]); // (B, w, S, S)

        Tensor logits = outc.call(map1); // (B, 1, S, S)
        if (!Settings.UseVlab)
            return new ModelOutput(logits);

        Tensor[] alignment = [outc.call(aligned1), outc2!.call(aligned2), outc3!.call(aligned3), outc4!.call(aligned4)];
        return new ModelOutput(logits) { AlignmentMaps = alignment };
    }

    /// <summary>The ViT of a level, 1 to 4: channels double and the patch halves from level to level.</summary>
    private EncoderVit Vit(int level)
    {
        int times = 1 << (level - 1);
        int side = Settings.ImageSize / Settings.Patch;
        return new EncoderVit(Settings.Width * times, Settings.Patch / times, side * side, Settings.Heads,
            Settings.MlpRatio, Settings.Dropout, isFirst: level == 1);
    }

    /// <summary>Eq. 1-2: the skips, the reconstructed tokens of each level added to its map.</summary>
    private Tensor[] WithViT(Tensor x1, Tensor x2, Tensor x3, Tensor x4)
    {
        if (!Settings.UseViT)
            return [x1, x2, x3, x4];

        Tensor t1 = downVit!.call(x1, null); // (B, N, w)
        Tensor t2 = downVit1!.call(x2, t1); // (B, N, 2w)
        Tensor t3 = downVit2!.call(x3, t2); // (B, N, 4w)
        Tensor t4 = downVit3!.call(x4, t3); // (B, N, 8w)
        return [
            reconstruct1!.call(t1, x1), reconstruct2!.call(t2, x2), reconstruct3!.call(t3, x3),
            reconstruct4!.call(t4, x4)];
    }

    /// <summary>Eq. 3: the report on the skips.</summary>
    private Tensor[] WithText(Tensor[] skips, Tensor text)
    {
        int count = Settings.Text switch { C2FVLText.None => 0, C2FVLText.FirstSkip => 1, _ => skips.Length };
        if (count == 0)
            return skips;

        Tensor known = TextScaling.MissingAsOnes(text);
        return [.. skips.Select((skip, i) => i < count ? TextScaling.Apply(skip, known) : skip)];
    }

    [GeneratedRegex(@"^(
        upVit[1-3]? \. .*
        | vlab[1-4] \. .*
        | (text_module|reconstruct_text|process_text)[1-4] \. .*
        | downVit[1-3]? \. (norm|head|CTBN2|CTBN3) \. .*
        | downVit \. CTBN \. .*
        | up[1-4] \. vlab \. conv_sig \. .*
        )$", RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex NeverCalled();
}

/// <summary>The settings of <see cref="C2FVLModel"/>. The defaults are the published network.</summary>
public sealed record C2FVLSettings : ModelSettings
{
    /// <summary>As published: width 64 at 224 x 224, 24,196,088 parameters.</summary>
    public static C2FVLSettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32 at 224 x 224; 6,104,600 parameters.</summary>
    public static C2FVLSettings Half { get; } = new() { Width = 32 };

    /// <summary>For a CPU and real images: width 16 at 112 x 112, patch 8, so 196 tokens as published.</summary>
    public static C2FVLSettings Small { get; } = new() { Width = 16, ImageSize = 112, Patch = 8 };

    /// <summary>For phantoms and tests: width 8 at 64 x 64, patch 8.</summary>
    public static C2FVLSettings Tiny { get; } = new() { Width = 8, ImageSize = 64, Patch = 8 };

    public override string Name => "C2FVL";

    [JsonIgnore]
    public override bool ReadsText => Text != C2FVLText.None;

    /// <summary>
    /// Channels of the first level; the levels below have 2, 4, 8 and 8 times as many. A multiple of 8 (the text
    /// vector's length) and of <see cref="Heads"/>. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// The ViT's patch at the first level in pixels, halved at each further level. A multiple of 8 that divides the
    /// image's side. The default is 16.
    /// </summary>
    public int Patch { get; init; } = 16;

    /// <summary>Attention heads, at least 1; they divide the width. The default is 8.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>The ViT MLP's hidden channels divided by its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>The ViT's dropout probability, 0 to below 1. The default is 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>
    /// Whether the encoder has its ViT branch; without it, the skips are the CNN's maps. The default is true.
    /// </summary>
    public bool UseViT { get; init; } = true;

    /// <summary>Which skips the report multiplies. The default is all.</summary>
    public C2FVLText Text { get; init; } = C2FVLText.AllSkips;

    /// <summary>
    /// Whether a VLAB aligns each skip. Without it, the decoder uses the skips unchanged, and there are no alignment
    /// maps for a cosine loss. The default is true.
    /// </summary>
    public bool UseVlab { get; init; } = true;

    public override SegmentationModel Create() => new C2FVLModel(this);

    private protected override void RequireRanges()
    {
        Require(Width >= 8 && Width % 8 == 0 && Width % Heads == 0, Width,
            $"a positive multiple of 8 and of the {Heads} attention heads");
        Require(Patch >= 8 && Patch % 8 == 0, Patch, "a positive multiple of 8, as it is halved three times");
        Require(ImageSize >= 32 && ImageSize % 16 == 0 && ImageSize % Patch == 0, ImageSize,
            $"at least 32 and a multiple of 16 and of the patch, {Patch}");
        RequireProbability(Dropout);
        Require(Enum.IsDefined(Text), Text, string.Join(", ", Enum.GetNames<C2FVLText>()));
    }
}

/// <summary>Which skips the report multiplies: the three kinds of the paper's Table 3.</summary>
public enum C2FVLText
{
    /// <summary>None: the report is not read.</summary>
    None,

    /// <summary>Only the first (full-size) skip: Table 3's single scale.</summary>
    FirstSkip,

    /// <summary>All four skips: Table 3's multi scale, and the method as published.</summary>
    AllSkips,
}
