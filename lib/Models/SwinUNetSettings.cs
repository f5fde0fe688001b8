namespace C2FVL.Models;

/// <summary>The settings of <see cref="SwinUNetModel"/>. The defaults are the published network.</summary>
public sealed record SwinUNetSettings : ModelSettings
{
    /// <summary>
    /// As published: patches of 4 pixels, 96 channels, four stages of 2 blocks, windows of 7 at 224 x 224, 27,168,132
    /// parameters. From scratch, without the pretrained weights that the published method starts from.
    /// </summary>
    public static SwinUNetSettings Published { get; } = new() { DropPath = 0.2 };

    /// <summary>Half as wide as published: 48 channels at 224 x 224; a head has 16 channels in place of 32; 6,826,068 parameters.</summary>
    public static SwinUNetSettings Half { get; } = new() { Width = 48, DropPath = 0.2 };

    /// <summary>
    /// For a CPU and real pictures: 24 channels at 112 x 112, patches of 2 pixels, so 56 x 56 tokens, windows of 7 and
    /// four stages of 2 blocks and 3 to 24 heads as published; a head has 8 channels in place of 32, and the MLP's ratio is
    /// 3 in place of 4; 1.48 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static SwinUNetSettings Small { get; } = new() { Width = 24, Patch = 2, MlpRatio = 3, DropPath = 0.2, ImageSize = 112 };

    /// <summary>
    /// For phantoms and tests: 24 channels at 64 x 64, patches of 2 pixels, three stages of 2 blocks in place of four,
    /// windows of 4 and MLP ratio 3; 0.36 million parameters, C2FVL's has 0.34. No path is dropped: so short a training underfits.
    /// </summary>
    public static SwinUNetSettings Tiny { get; } = Small with { Stages = 3, Window = 4, DropPath = 0, ImageSize = 64 };

    public override string Name => "Swin-UNet";

    /// <summary>
    /// Channels of the first stage, a multiple of <see cref="Heads"/>; each further stage has twice as many. The default
    /// is 96.
    /// </summary>
    public int Width { get; init; } = 96;

    /// <summary>The side of the patch that becomes a token, in pixels, at least 1. The default is 4.</summary>
    public int Patch { get; init; } = 4;

    /// <summary>Stages of the encoder, from 2 to 6; the decoder has one fewer. The default is 4.</summary>
    public int Stages { get; init; } = 4;

    /// <summary>Blocks a stage, at least 1; the second, fourth and so on are shifted. The default is 2.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>Attention heads of the first stage, at least 1; each further stage has twice as many. The default is 3.</summary>
    public int Heads { get; init; } = 3;

    /// <summary>
    /// The side of the attention's windows in tokens, at least 2. Whole windows fill the map of every stage: the image's
    /// side is a multiple of patch, window and all halvings. The default is 7.
    /// </summary>
    public int Window { get; init; } = 7;

    /// <summary>The MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Probability that an image skips a branch of the last block in training, 0 to below 1; earlier blocks have less. The default is 0.1, which an older spec means; the released code and the presets have 0.2.</summary>
    public double DropPath { get; init; } = 0.1;

    public override SegmentationModel Create() => new SwinUNetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Heads >= 1, Name, nameof(Heads), Heads, "at least 1");
        SettingRange.Require(Width >= 1 && Width % Heads == 0, Name, nameof(Width), Width, $"a positive multiple of the heads, {Heads}");
        SettingRange.Require(Patch >= 1, Name, nameof(Patch), Patch, "at least 1");
        SettingRange.Require(Stages is >= 2 and <= 6, Name, nameof(Stages), Stages, "from 2 to 6");
        SettingRange.Require(Depth >= 1, Name, nameof(Depth), Depth, "at least 1");
        SettingRange.Require(Window >= 2, Name, nameof(Window), Window, "at least 2");
        SettingRange.Require(MlpRatio >= 1, Name, nameof(MlpRatio), MlpRatio, "at least 1");
        SettingRange.Require(DropPath is >= 0 and < 1, Name, nameof(DropPath), DropPath, "from 0 to below 1");
        int factor = Patch * Window << (Stages - 1);
        SettingRange.Require(
            ImageSize > 0 && ImageSize % factor == 0,
            Name,
            nameof(ImageSize),
            ImageSize,
            $"a positive multiple of {factor}, as whole windows of {Window} x {Window} patches of {Patch} pixels fill the coarsest of {Stages} stages");
    }
}
