using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>The settings of <see cref="UCTransNetModel"/>. The defaults are the published network.</summary>
public sealed record UCTransNetSettings : ModelSettings
{
    /// <summary>As published: width 64, 4 layers, 4 heads at 224 x 224, 66,430,657 parameters.</summary>
    public static UCTransNetSettings Published { get; } = new() { ReleasedMlp = true };

    /// <summary>Half as wide as published: width 32 at 224 x 224, 4 layers, 4 heads; 16,670,561 parameters.</summary>
    public static UCTransNetSettings Half { get; } = new() { Width = 32, ReleasedMlp = true };

    /// <summary>
    /// For a CPU and real pictures: width 16 at 112 x 112 and patch 8, so 196 tokens as published, but 1 layer of 2 heads
    /// in place of 4 of 4, as most of the parameters are there; 1.4 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static UCTransNetSettings Small { get; } = new() { Width = 16, Layers = 1, Heads = 2, Patch = 8, ImageSize = 112, ReleasedMlp = true };

    /// <summary>For phantoms and tests: width 8, 1 layer of 2 heads at 64 x 64, patch 8; 0.36 million parameters, C2FVL's has 0.34.</summary>
    public static UCTransNetSettings Tiny { get; } = new() { Width = 8, Layers = 1, Heads = 2, Patch = 8, ImageSize = 64, ReleasedMlp = true };

    public override string Name => "UCTransNet";

    /// <summary>Channels of the first level, at least 1; the levels below have 2, 4, 8 and 8 times as many. The default is 64.</summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// The patch at the first skip in pixels, halved at each further skip. A multiple of 8 that divides the image's
    /// side. The default is 16.
    /// </summary>
    public int Patch { get; init; } = 16;

    /// <summary>Layers of the channel-wise transformer, at least 1. The default is 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Heads of its cross attention, at least 1; each is as wide as the tokens. The default is 4.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>The MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Dropout probability of embeddings and attention, 0 to below 1. The default is 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>
    /// Whether the MLP is the released one: no dropout, weights from Xavier's uniform. Without it the MLP has
    /// <see cref="Dropout"/> and starts as libtorch's layers do, as in this library's first results. All presets have it.
    /// The default is false, which an older spec means.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReleasedMlp { get; init; }

    public override SegmentationModel Create() => new UCTransNetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 1, Name, nameof(Width), Width, "at least 1");
        SettingRange.Require(Patch >= 8 && Patch % 8 == 0, Name, nameof(Patch), Patch, "a positive multiple of 8, as it is halved three times");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
        SettingRange.Require(ImageSize % Patch == 0 && ImageSize > Patch, Name, nameof(ImageSize), ImageSize, $"above and a multiple of the patch, {Patch}");
        SettingRange.Require(Layers >= 1, Name, nameof(Layers), Layers, "at least 1");
        SettingRange.Require(Heads >= 1, Name, nameof(Heads), Heads, "at least 1");
        SettingRange.Require(MlpRatio >= 1, Name, nameof(MlpRatio), MlpRatio, "at least 1");
        SettingRange.Require(Dropout is >= 0 and < 1, Name, nameof(Dropout), Dropout, "from 0 to below 1");
    }
}
