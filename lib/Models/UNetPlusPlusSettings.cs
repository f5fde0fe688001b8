namespace C2FVL.Models;

/// <summary>The settings of <see cref="UNetPlusPlusModel"/>. The defaults are the network of 9.16 million parameters.</summary>
public sealed record UNetPlusPlusSettings : ModelSettings
{
    /// <summary>The paper's own width, 32, at 224 x 224: 9,163,329 parameters.</summary>
    public static UNetPlusPlusSettings Published { get; } = new();

    /// <summary>Twice as wide, as several comparisons have it: width 64 at 224 x 224, 36.63 million parameters.</summary>
    public static UNetPlusPlusSettings PublishedWide { get; } = new() { Width = 64 };

    /// <summary>Half as wide as published: width 16 at 224 x 224; 2,293,793 parameters.</summary>
    public static UNetPlusPlusSettings Half { get; } = new() { Width = 16 };

    /// <summary>
    /// For a CPU and real pictures: width 12 at 112 x 112, as deep as published; 1.29 million parameters, C2FVL's has
    /// 1.36. Its many full-size nodes make it the slowest of the U-Nets, with 1.6 times C2FVL's time a step.
    /// </summary>
    public static UNetPlusPlusSettings Small { get; } = new() { Width = 12, ImageSize = 112 };

    /// <summary>For phantoms and tests: width 6 at 64 x 64, as deep as published; 0.32 million parameters, C2FVL's has 0.34.</summary>
    public static UNetPlusPlusSettings Tiny { get; } = new() { Width = 6, ImageSize = 64 };

    public override string Name => "UNet++";

    /// <summary>Channels of the first level, at least 1; the levels below have 2, 4, 8 and 16 times as many. The default is 32.</summary>
    public int Width { get; init; } = 32;

    /// <summary>
    /// Whether every node of the top row gives a mask in training, not the last alone; adds three 1x1 convolutions.
    /// The default is false.
    /// </summary>
    public bool DeepSupervision { get; init; }

    public override SegmentationModel Create() => new UNetPlusPlusModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 1, Name, nameof(Width), Width, "at least 1");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
    }
}
