using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using C2FVL.Platform;

namespace C2FVL.Models;

/// <summary>
/// The settings that define a model: one record per method, part of a run's spec. A new model's weights come from
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
    /// <summary>The method's name as in the paper's Table 1.</summary>
    public abstract string Name { get; }

    /// <summary>The side of the square input in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Whether the model reads the report.</summary>
    [JsonIgnore]
    public virtual bool ReadsText => false;

    /// <summary>
    /// Which form of the method this is: how often this library has built its network anew. An older spec has a lower
    /// number, or none, which means 0: its results still load, and its network can no longer be built.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Form { get; init; }

    /// <summary>Whether the library builds a later <see cref="Form"/> of the method.</summary>
    [JsonIgnore]
    public virtual bool IsRetired => Form < CurrentForm;

    private protected virtual int CurrentForm => 0;

    /// <summary>Makes the model.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public abstract SegmentationModel Create();

    /// <summary>Throws if a setting is out of its range, naming it and the range.</summary>
    internal void Validate()
    {
        foreach ((string name, int value) in Integers.Where(
            integer => integer.Name is not (nameof(ImageSize) or nameof(Form))))
            Require(value >= 1, value, "at least 1", name);
        Require(Form >= 0 && Form <= CurrentForm, Form, $"from 0 to {CurrentForm}");
        RequireRanges();
    }

    /// <summary>What else holds for the settings than that each integer is at least 1.</summary>
    private protected abstract void RequireRanges();

    private protected void Require(
        bool holds, object value, string range, [CallerArgumentExpression(nameof(value))] string setting = "") =>
        SettingRange.Require(holds, value, range, $"{Name}'s {setting}");

    /// <summary>The image's side of a network that halves it so many times.</summary>
    private protected void RequireHalvings(int halvings)
    {
        int factor = 1 << halvings;
        Require(ImageSize >= 2 * factor && ImageSize % factor == 0, ImageSize,
            $"at least {2 * factor} and a multiple of {factor}, as it is halved {halvings} times");
    }

    /// <summary>
    /// Throws if an integer of these settings is far beyond any published network, so that a typing error in a file
    /// ends in a message and not in exhausted memory.
    /// </summary>
    internal void RequireModestSizes()
    {
        foreach ((string name, int value) in Integers)
        {
            int most = name switch
            {
                nameof(ImageSize) => 2048,
                "Width" => 512,
                "MlpRatio" or "Layers" or "Heads" or "Depth" or "Stages" => 64,
                _ => 4096,
            };
            Require(value <= most, value, $"at most {most}", name);
        }
    }

    private protected void RequireProbability(
        double value, [CallerArgumentExpression(nameof(value))] string setting = "") =>
        Require(value is >= 0 and < 1, value, "from 0 to below 1", setting);

    private IEnumerable<(string Name, int Value)> Integers =>
        from property in GetType().GetProperties()
        where property.PropertyType == typeof(int)
        select (property.Name, (int)property.GetValue(this)!);
}
