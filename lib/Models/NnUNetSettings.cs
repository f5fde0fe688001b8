using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>
/// The settings of <see cref="NnUNetModel"/>, as nnU-Net's plan of a data set gives them
/// (<c>NnUNetPlan.Model</c> in C2FVL.Training). The defaults are the plan of X-rays at 224 x 224.
/// </summary>
public sealed record NnUNetSettings : ModelSettings
{
    /// <summary>Channels that no stage of a 2D plan exceeds, at the planned first width of 32.</summary>
    internal const int MaxOverBase = 16;

    /// <summary>The smallest side of the coarsest map in pixels.</summary>
    internal const int SmallestMap = 4;

    /// <summary>The 2D plan at 224 x 224: 6 stages of 32 to 512 channels, 20,618,148 parameters; mirrored at test time.</summary>
    public static NnUNetSettings Published { get; } = new() { MirrorAtTest = true, AugmentIntensities = true };

    /// <summary>Half as wide as the plan: 16 to 256 channels at 224 x 224; mirrored at test time; 5,158,868 parameters.</summary>
    public static NnUNetSettings Half { get; } = new() { Width = 16, MirrorAtTest = true, AugmentIntensities = true };

    /// <summary>
    /// For a CPU and real pictures: the plan's 5 stages at 112 x 112, 14 to 224 channels in place of 32 to 512; 1.49
    /// million parameters, C2FVL's has 1.36. Mirrored at test time, which costs four passes.
    /// </summary>
    public static NnUNetSettings Small { get; } = new()
    {
        ImageSize = 112,
        Stages = 5,
        Width = 14,
        MirrorAtTest = true,
        AugmentIntensities = true,
    };

    /// <summary>For phantoms and tests: the plan's 5 stages at 64 x 64, 7 to 112 channels, neither mirrored nor augmented; 0.37 million parameters, C2FVL's has 0.34.</summary>
    public static NnUNetSettings Tiny { get; } = new() { ImageSize = 64, Stages = 5, Width = 7 };

    public override string Name => "nnUNet";

    /// <summary>Resolutions, at least 3; the coarsest map's side is the image's over 2 to the power (stages - 1), and at least 4. The default is 6.</summary>
    public int Stages { get; init; } = 6;

    /// <summary>Channels of the first stage, at least 1; each further stage has twice as many, up to 16 times. The default is 32.</summary>
    public int Width { get; init; } = 32;

    /// <summary>How intensities are normalised. The default is each image by its own.</summary>
    public NnUNetNormalization Normalization { get; init; } = NnUNetNormalization.ZScore;

    /// <summary>What <see cref="NnUNetNormalization.CT"/> clips to from below, 0 to 1. The default is 0.</summary>
    public double ClipLow { get; init; }

    /// <summary>What <see cref="NnUNetNormalization.CT"/> clips to from above, above <see cref="ClipLow"/>, at most 1. The default is 1.</summary>
    public double ClipHigh { get; init; } = 1;

    /// <summary>What <see cref="NnUNetNormalization.CT"/> subtracts. The default is 0.</summary>
    public double Mean { get; init; }

    /// <summary>What <see cref="NnUNetNormalization.CT"/> divides by, above 0. The default is 1.</summary>
    public double Std { get; init; } = 1;

    /// <summary>Whether coarser decoder stages give masks in training. The default is true.</summary>
    public bool DeepSupervision { get; init; } = true;

    /// <summary>
    /// Whether the probability is averaged over the image and its three mirror images; in evaluation mode and without
    /// gradients only, so that a CAM sees one pass. The default is false.
    /// </summary>
    public bool MirrorAtTest { get; init; }

    /// <summary>
    /// Whether training changes the normalised image as nnU-Net does: noise, blur, brightness, contrast, low resolution and
    /// gamma. Its changes of shape are <c>Augmentation.NnUNet</c> in C2FVL.Data. The default is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AugmentIntensities { get; init; }

    public override SegmentationModel Create() => new NnUNetModel(this);

    /// <summary>Channels of a stage, 0 the finest.</summary>
    internal long Channels(int stage) => (long)Width * Math.Min(1 << stage, MaxOverBase);

    internal override void Validate()
    {
        SettingRange.Require(Stages is >= 3 and <= 12, Name, nameof(Stages), Stages, "from 3 to 12");
        SettingRange.Require(Width >= 1, Name, nameof(Width), Width, "at least 1");
        int factor = 1 << (Stages - 1);
        SettingRange.Require(ImageSize >= SmallestMap * factor && ImageSize % factor == 0, Name, nameof(ImageSize), ImageSize, $"at least {SmallestMap * factor} and a multiple of {factor}, as {Stages} stages halve it {Stages - 1} times");
        SettingRange.Require(Enum.IsDefined(Normalization), Name, nameof(Normalization), Normalization, string.Join(", ", Enum.GetNames<NnUNetNormalization>()));
        SettingRange.Require(ClipLow >= 0 && ClipHigh <= 1 && ClipLow < ClipHigh, Name, nameof(ClipHigh), ClipHigh, FormattableString.Invariant($"above ClipLow, {ClipLow}, and both from 0 to 1"));
        SettingRange.Require(double.IsFinite(Mean), Name, nameof(Mean), Mean, "a number");
        SettingRange.Require(Std > 0 && double.IsFinite(Std), Name, nameof(Std), Std, "above 0");
    }
}
