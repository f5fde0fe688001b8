using System.Reflection;
using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>
/// What defines a model: a record a system, part of a run's spec. The weights a new model starts with come from
/// libtorch's generator, which the caller seeds.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "system")]
[JsonDerivedType(typeof(UNetSettings), "UNet")]
[JsonDerivedType(typeof(UNetPlusPlusSettings), "UNet++")]
[JsonDerivedType(typeof(AttUNetSettings), "AttUNet")]
[JsonDerivedType(typeof(NnUNetSettings), "nnUNet")]
[JsonDerivedType(typeof(TransUNetSettings), "TransUNet")]
[JsonDerivedType(typeof(SwinUNetSettings), "Swin-UNet")]
[JsonDerivedType(typeof(UCTransNetSettings), "UCTransNet")]
[JsonDerivedType(typeof(TGANetSettings), "TGANet")]
[JsonDerivedType(typeof(GLoRIASettings), "GLoRIA")]
[JsonDerivedType(typeof(C2FVLSettings), "C2FVL")]
public abstract record ModelSettings
{
    /// <summary>The system's name as in the paper's Table 1.</summary>
    public abstract string Name { get; }

    /// <summary>The side of the square input in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Whether the model reads the report.</summary>
    [JsonIgnore]
    public virtual bool ReadsText => false;

    /// <summary>Whether these settings mean a network that is not built any more; its results still load.</summary>
    [JsonIgnore]
    public virtual bool IsRetired => false;

    /// <summary>Makes the model.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public abstract SegmentationModel Create();

    /// <summary>Throws where a setting is out of its range, naming it and the range.</summary>
    internal abstract void Validate();

    /// <summary>
    /// Throws where a whole number of these settings is far beyond any published network, so that a slip in a file
    /// ends in a message and not in the machine's last byte.
    /// </summary>
    internal void RequireModestSizes()
    {
        foreach (PropertyInfo property in GetType().GetProperties().Where(p => p.PropertyType == typeof(int)))
        {
            int value = (int)property.GetValue(this)!;
            int most = property.Name switch
            {
                nameof(ImageSize) => 2048,
                "Width" => 512,
                "MlpRatio" or "Layers" or "Heads" or "Depth" or "Stages" => 64,
                _ => 4096,
            };
            SettingRange.Require(value <= most, Name, property.Name, value, $"at most {most}");
        }
    }
}

/// <summary>The checks that the systems' settings and inputs share, with one wording.</summary>
internal static class SettingRange
{
    /// <summary>Throws where a setting is out of its range, naming it and the range.</summary>
    public static void Require(bool holds, string system, string setting, object value, string range)
    {
        if (!holds)
            throw new ArgumentException(
                FormattableString.Invariant($"{system}'s {setting} is {value}; it must be {range}."));
    }

    /// <summary>The image's side of a network that halves it so many times.</summary>
    public static void RequireHalvings(string system, int imageSize, int halvings)
    {
        int factor = 1 << halvings;
        Require(
            imageSize >= 2 * factor && imageSize % factor == 0, system, nameof(ModelSettings.ImageSize), imageSize,
            $"at least {2 * factor} and a multiple of {factor}, as it is halved {halvings} times");
    }

    /// <summary>Throws unless a batch of images has the shape (B, 3, side, side).</summary>
    public static void RequireImage(string system, TorchSharp.torch.Tensor image, int side)
    {
        if (image.dim() != 4 || image.shape[1] != 3 || image.shape[2] != side || image.shape[3] != side)
            throw new ArgumentException(
                $"{system} takes images of shape (B, 3, {side}, {side}), not ({string.Join(", ", image.shape)}).");
    }

    /// <summary>Throws unless a batch of text vectors has the shape (B, 8), one row an image.</summary>
    public static void RequireText(string system, TorchSharp.torch.Tensor image, TorchSharp.torch.Tensor text)
    {
        if (text.dim() != 2 || text.shape[0] != image.shape[0] || text.shape[1] != Data.TextVector.Length)
            throw new ArgumentException(
                $"{system} takes text of shape ({image.shape[0]}, {Data.TextVector.Length}), one row an image, not "
                    + $"({string.Join(", ", text.shape)}).");
    }
}
