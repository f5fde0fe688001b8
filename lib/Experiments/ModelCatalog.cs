using C2FVL.Models;

namespace C2FVL.Experiments;

/// <summary>The methods of the paper's Table 1, in its order, with their settings at each preset.</summary>
public static class ModelCatalog
{
    /// <summary>The settings of each at the presets phantom, mini, full and paper.</summary>
    private static readonly Dictionary<string, ModelSettings[]> Systems = new()
    {
        ["UNet"] = [UNetSettings.Tiny, UNetSettings.Small, UNetSettings.Half, UNetSettings.Published],
        ["UNet++"] = [
            UNetPlusPlusSettings.Tiny, UNetPlusPlusSettings.Small, UNetPlusPlusSettings.Half,
            UNetPlusPlusSettings.Published],
        ["AttUNet"] = [AttUNetSettings.Tiny, AttUNetSettings.Small, AttUNetSettings.Half, AttUNetSettings.Published],
        ["nnUNet"] = [NnUNetSettings.Tiny, NnUNetSettings.Small, NnUNetSettings.Half, NnUNetSettings.Published],
        ["TransUNet"] = [
            TransUNetSettings.Tiny, TransUNetSettings.Small, TransUNetSettings.Half, TransUNetSettings.Published],
        ["Swin-UNet"] = [
            SwinUNetSettings.Tiny, SwinUNetSettings.Small, SwinUNetSettings.Half, SwinUNetSettings.Published],
        ["UCTransNet"] = [
            UCTransNetSettings.Tiny, UCTransNetSettings.Small, UCTransNetSettings.Half, UCTransNetSettings.Published],
        ["TGANet"] = [TGANetSettings.Tiny, TGANetSettings.Small, TGANetSettings.Half, TGANetSettings.Published],
        ["GLoRIA"] = [GLoRIASettings.Tiny, GLoRIASettings.Small, GLoRIASettings.Half, GLoRIASettings.Published],
        ["C2FVL"] = [C2FVLSettings.Tiny, C2FVLSettings.Small, C2FVLSettings.Half, C2FVLSettings.Published],
    };

    /// <summary>The names, in the order of Table 1.</summary>
    public static IReadOnlyList<string> Names => [.. Systems.Keys];

    /// <summary>A method's settings at a preset.</summary>
    /// <param name="name">A name of <see cref="Names"/>, in any case.</param>
    /// <param name="scale">The preset.</param>
    /// <exception cref="ArgumentException">There is no such method; the message lists those there are.</exception>
    public static ModelSettings Get(string name, Scale scale) =>
        Systems.FirstOrDefault(s => s.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { } settings
            ? settings[(int)scale]
            : throw new ArgumentException($"There is no method {name}. Choose from {string.Join(", ", Names)}.");
}
