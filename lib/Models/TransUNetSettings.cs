using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>The settings of <see cref="TransUNetModel"/>. The defaults are the published network.</summary>
public sealed record TransUNetSettings : ModelSettings
{
    /// <summary>
    /// As published, R50-ViT-B/16: width 64, ResNet units 3-4-9, 12 layers of 768 channels and 12 heads over 196 tokens
    /// at 224 x 224, 105,277,361 parameters. From scratch, without the pretrained weights that the published method
    /// starts from.
    /// </summary>
    public static TransUNetSettings Published { get; } = new() { AsReleased = true };

    /// <summary>Half as wide as published: width 32 at 224 x 224, 12 layers of 384 channels and 6 heads; 26,400,921 parameters.</summary>
    public static TransUNetSettings Half { get; } = new() { Width = 32, Groups = 16, Channels = 384, Heads = 6, LastWidth = 8, AsReleased = true };

    /// <summary>
    /// For a CPU and real pictures: width 16 at 112 x 112, ResNet units 2-2-3, and 3 layers of 128 channels and 4 heads
    /// over 49 tokens, as a token is 16 x 16 pixels as published; 1.32 million parameters, C2FVL's has 1.36. The
    /// transformer holds 45 % of them (published 81 %): from scratch, and in so small a network, the maps need the rest.
    /// </summary>
    public static TransUNetSettings Small { get; } = new()
    {
        Width = 16,
        Groups = 8,
        Units1 = 2,
        Units2 = 2,
        Units3 = 3,
        Channels = 128,
        Layers = 3,
        Heads = 4,
        ImageSize = 112,
        AsReleased = true,
    };

    /// <summary>
    /// For phantoms and tests: half as wide as <see cref="Small"/> and as deep, width 8 and 64 channels over 16 tokens
    /// at 64 x 64; 0.33 million parameters, C2FVL's has 0.34.
    /// </summary>
    public static TransUNetSettings Tiny { get; } = Small with { Width = 8, Groups = 4, Channels = 64, LastWidth = 8, ImageSize = 64 };

    public override string Name => "TransUNet";

    /// <summary>
    /// Channels of the ResNet's root, a multiple of <see cref="Groups"/>; its stages have 4, 8 and 16 times as many, the
    /// upsampler's steps 4, 2 and 1 times. The default is 64.
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
    /// Whether the details are those of the released code: the shortcut's norm has a group per channel, the ResNet's other
    /// norms an epsilon of 1e-6, the pool has no padding and its skip is padded with zeros, positions start at 0, and
    /// upsampling aligns corners. All presets have them. The default is false, which an older spec means.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AsReleased { get; init; }

    public override SegmentationModel Create() => new TransUNetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Groups >= 1, Name, nameof(Groups), Groups, "at least 1");
        SettingRange.Require(Width >= 1 && Width % Groups == 0, Name, nameof(Width), Width, $"a positive multiple of the groups, {Groups}");
        SettingRange.Require(Units1 >= 1, Name, nameof(Units1), Units1, "at least 1");
        SettingRange.Require(Units2 >= 1, Name, nameof(Units2), Units2, "at least 1");
        SettingRange.Require(Units3 >= 1, Name, nameof(Units3), Units3, "at least 1");
        SettingRange.Require(Heads >= 1, Name, nameof(Heads), Heads, "at least 1");
        SettingRange.Require(Channels >= 1 && Channels % Heads == 0, Name, nameof(Channels), Channels, $"a positive multiple of the heads, {Heads}");
        SettingRange.Require(Layers >= 1, Name, nameof(Layers), Layers, "at least 1");
        SettingRange.Require(MlpRatio >= 1, Name, nameof(MlpRatio), MlpRatio, "at least 1");
        SettingRange.Require(LastWidth >= 1, Name, nameof(LastWidth), LastWidth, "at least 1");
        SettingRange.Require(Dropout is >= 0 and < 1, Name, nameof(Dropout), Dropout, "from 0 to below 1");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
    }
}
