namespace C2FVL.Models;

/// <summary>The settings of <see cref="UNetModel"/>. The defaults are the published comparison's network.</summary>
public sealed record UNetSettings : ModelSettings
{
    /// <summary>As in the paper's Table 1: width 64 at 224 x 224, 14,751,873 parameters.</summary>
    public static UNetSettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32 at 224 x 224, as C2FVL at that size; 3,691,585 parameters.</summary>
    public static UNetSettings Half { get; } = new() { Width = 32 };

    /// <summary>For a CPU and real pictures: width 20 at 112 x 112, as deep as published; 1.44 million parameters, C2FVL's has 1.36.</summary>
    public static UNetSettings Small { get; } = new() { Width = 20, ImageSize = 112 };

    /// <summary>For phantoms and tests: width 10 at 64 x 64, as deep as published; 0.36 million parameters, C2FVL's has 0.34.</summary>
    public static UNetSettings Tiny { get; } = new() { Width = 10, ImageSize = 64 };

    public override string Name => "UNet";

    /// <summary>Channels of the first level, at least 1; the levels below have 2, 4, 8 and 8 times as many. The default is 64.</summary>
    public int Width { get; init; } = 64;

    public override SegmentationModel Create() => new UNetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 1, Name, nameof(Width), Width, "at least 1");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
    }
}
