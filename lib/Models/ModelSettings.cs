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

    /// <summary>Makes the model.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the range.</exception>
    public abstract SegmentationModel Create();

    /// <summary>Throws where a setting is out of its range, naming it and the range.</summary>
    internal abstract void Validate();
}
