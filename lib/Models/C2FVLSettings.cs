using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>The settings of <see cref="C2FVLModel"/>. The defaults are the published network.</summary>
public sealed record C2FVLSettings : ModelSettings
{
    /// <summary>As published: width 64 at 224 x 224, 24,196,088 parameters.</summary>
    public static C2FVLSettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32 at 224 x 224; 6,104,600 parameters.</summary>
    public static C2FVLSettings Half { get; } = new() { Width = 32 };

    /// <summary>For a CPU and real pictures: width 16 at 112 x 112, patch 8, so 196 tokens as published.</summary>
    public static C2FVLSettings Small { get; } = new() { Width = 16, ImageSize = 112, Patch = 8 };

    /// <summary>For phantoms and tests: width 8 at 64 x 64, patch 8.</summary>
    public static C2FVLSettings Tiny { get; } = new() { Width = 8, ImageSize = 64, Patch = 8 };

    public override string Name => "C2FVL";

    [JsonIgnore]
    public override bool ReadsText => this.Text != C2FVLText.None;

    /// <summary>
    /// Channels of the first level; the levels below have 2, 4, 8 and 8 times as many. A multiple of 8 (the text
    /// vector's length) and of <see cref="Heads"/>. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// The ViT's patch at the first scale in pixels, halved at each further scale. A multiple of 8 that divides the
    /// image's side. The default is 16.
    /// </summary>
    public int Patch { get; init; } = 16;

    /// <summary>Attention heads, at least 1; they divide the width. The default is 8.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>The ViT MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>The ViT's dropout probability, 0 to below 1. The default is 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Whether the encoder has its ViT branch; without, the skips are the CNN's maps. The default is true.</summary>
    public bool UseViT { get; init; } = true;

    /// <summary>Which skips the report multiplies. The default is all.</summary>
    public C2FVLText Text { get; init; } = C2FVLText.AllSkips;

    /// <summary>
    /// Whether a VLAB aligns each skip; without, the decoder joins the skips as they are, and there are no alignment
    /// maps for a cosine loss. The default is true.
    /// </summary>
    public bool UseVlab { get; init; } = true;

    public override SegmentationModel Create() => new C2FVLModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Heads >= 1, Name, nameof(Heads), Heads, "at least 1");
        SettingRange.Require(Width >= 8 && Width % 8 == 0 && Width % Heads == 0, Name, nameof(Width), Width, $"a positive multiple of 8 and of the {Heads} attention heads");
        SettingRange.Require(Patch >= 8 && Patch % 8 == 0, Name, nameof(Patch), Patch, "a positive multiple of 8, as it is halved three times");
        SettingRange.Require(ImageSize >= 32 && ImageSize % 16 == 0 && ImageSize % Patch == 0, Name, nameof(ImageSize), ImageSize, $"at least 32 and a multiple of 16 and of the patch, {Patch}");
        SettingRange.Require(MlpRatio >= 1, Name, nameof(MlpRatio), MlpRatio, "at least 1");
        SettingRange.Require(Dropout is >= 0 and < 1, Name, nameof(Dropout), Dropout, "from 0 to below 1");
        SettingRange.Require(Enum.IsDefined(Text), Name, nameof(Text), Text, string.Join(", ", Enum.GetNames<C2FVLText>()));
    }
}
