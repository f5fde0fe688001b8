using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>The settings of <see cref="TGANetModel"/>. The defaults are the published network.</summary>
public sealed record TGANetSettings : ModelSettings
{
    /// <summary>As published: width 64 at 224 x 224, 19,837,423 parameters.</summary>
    public static TGANetSettings Published { get; } = new() { AsReleased = true };

    /// <summary>Half as wide as published: width 32 at 224 x 224; 5,002,044 parameters.</summary>
    public static TGANetSettings Half { get; } = new() { Width = 32, AsReleased = true };

    /// <summary>
    /// For a CPU and real pictures: width 16 at 112 x 112, as deep as published, dilations half as large on a picture half
    /// as large; 1.27 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static TGANetSettings Small { get; } = new() { Width = 16, DilationStep = 3, ImageSize = 112, AsReleased = true };

    /// <summary>For phantoms and tests: width 8 at 64 x 64, as deep as published, dilations to match; 0.33 million parameters, C2FVL's has 0.34.</summary>
    public static TGANetSettings Tiny { get; } = new() { Width = 8, DilationStep = 2, ImageSize = 64, AsReleased = true };

    public override string Name => "TGANet";

    /// <summary>
    /// Channels of the encoder's first map, at least 2; the next have 4, 8 and 16 times as many, every map of the decoder
    /// twice as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>The feature enhancement's dilations are 1 and once, twice and three times this; at least 1. The default is 6.</summary>
    public int DilationStep { get; init; } = 6;

    /// <summary>Numbers in a label word's vector, at least 1. The default is 300.</summary>
    public int EmbeddingSize { get; init; } = 300;

    /// <summary>
    /// The weight of the label heads' cross entropies, 0 or more. The default is 0.5: the authors add them to Dice and
    /// cross entropy of the mask, of which the loss here takes half each.
    /// </summary>
    public double LabelWeight { get; init; } = 0.5;

    /// <summary>
    /// Whether the network is built as the authors' code. False, which an older spec means, is this library's first form,
    /// which read the report at the test too: its results load, and it cannot be made any more.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AsReleased { get; init; }

    [JsonIgnore]
    public override bool IsRetired => !this.AsReleased;

    public override SegmentationModel Create() => new TGANetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 2, Name, nameof(Width), Width, "at least 2");
        SettingRange.Require(DilationStep >= 1, Name, nameof(DilationStep), DilationStep, "at least 1");
        SettingRange.Require(EmbeddingSize >= 1, Name, nameof(EmbeddingSize), EmbeddingSize, "at least 1");
        SettingRange.Require(LabelWeight >= 0, Name, nameof(LabelWeight), LabelWeight, "0 or more");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
    }
}
