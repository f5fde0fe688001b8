namespace C2FVL.Models;

/// <summary>The settings of <see cref="AttUNetModel"/>. The defaults are the published comparison's network.</summary>
public sealed record AttUNetSettings : ModelSettings
{
    /// <summary>As in the paper's Table 1: width 64 at 224 x 224, 34,878,573 parameters.</summary>
    public static AttUNetSettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32 at 224 x 224; 8,726,077 parameters.</summary>
    public static AttUNetSettings Half { get; } = new() { Width = 32 };

    /// <summary>For a CPU and real pictures: width 12 at 112 x 112, as deep as published; 1.23 million parameters, C2FVL's has 1.36.</summary>
    public static AttUNetSettings Small { get; } = new() { Width = 12, ImageSize = 112 };

    /// <summary>For phantoms and tests: width 6 at 64 x 64, as deep as published; 0.31 million parameters, C2FVL's has 0.34.</summary>
    public static AttUNetSettings Tiny { get; } = new() { Width = 6, ImageSize = 64 };

    public override string Name => "AttUNet";

    /// <summary>
    /// Channels of the first level, even, at least 2; the levels below have 2, 4, 8 and 16 times as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    public override SegmentationModel Create() => new AttUNetModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 2 && Width % 2 == 0, Name, nameof(Width), Width, "a positive even number, as the gates halve it");
        SettingRange.RequireHalvings(Name, ImageSize, 4);
    }
}
