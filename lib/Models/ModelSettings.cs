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
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the range.</exception>
    public abstract SegmentationModel Create();

    /// <summary>Throws where a setting is out of its range, naming it and the range.</summary>
    internal abstract void Validate();

    /// <summary>
    /// Throws where a whole number of these settings is far beyond any published network, so that a slip in a file
    /// ends in a message and not in the machine's last byte.
    /// </summary>
    internal void RequireModestSizes()
    {
        foreach (PropertyInfo property in this.GetType().GetProperties().Where(p => p.PropertyType == typeof(int)))
        {
            int value = (int)property.GetValue(this)!;
            int most = property.Name switch
            {
                nameof(this.ImageSize) => 2048,
                "Width" => 512,
                "MlpRatio" or "Layers" or "Heads" or "Depth" or "Stages" => 64,
                _ => 4096,
            };
            SettingRange.Require(value <= most, this.Name, property.Name, value, $"at most {most}");
        }
    }
}
