using C2FVL.Models;

namespace C2FVL.Experiments;

/// <summary>The methods of the paper's Table 1, in its order, with their settings at each preset.</summary>
public static class ModelCatalog
{
    /// <summary>The settings of each at the presets phantom, mini, full and paper.</summary>
    private static readonly ModelSettings[][] Methods =
    [
        [UNetSettings.Tiny, UNetSettings.Small, UNetSettings.Half, UNetSettings.Published],
        [
            UNetPlusPlusSettings.Tiny, UNetPlusPlusSettings.Small, UNetPlusPlusSettings.Half,
            UNetPlusPlusSettings.Published,
        ],
        [AttUNetSettings.Tiny, AttUNetSettings.Small, AttUNetSettings.Half, AttUNetSettings.Published],
        [NnUNetSettings.Tiny, NnUNetSettings.Small, NnUNetSettings.Half, NnUNetSettings.Published],
        [TransUNetSettings.Tiny, TransUNetSettings.Small, TransUNetSettings.Half, TransUNetSettings.Published],
        [SwinUNetSettings.Tiny, SwinUNetSettings.Small, SwinUNetSettings.Half, SwinUNetSettings.Published],
        [UCTransNetSettings.Tiny, UCTransNetSettings.Small, UCTransNetSettings.Half, UCTransNetSettings.Published],
        [TGANetSettings.Tiny, TGANetSettings.Small, TGANetSettings.Half, TGANetSettings.Published],
        [GLoRIASettings.Tiny, GLoRIASettings.Small, GLoRIASettings.Half, GLoRIASettings.Published],
        [C2FVLSettings.Tiny, C2FVLSettings.Small, C2FVLSettings.Half, C2FVLSettings.Published],
    ];

    /// <summary>The names, in the order of Table 1.</summary>
    public static IReadOnlyList<string> Names => [.. Methods.Select(presets => presets[0].Name)];

    /// <summary>A method's settings at a preset.</summary>
    /// <param name="name">A name of <see cref="Names"/>, in any case.</param>
    /// <param name="scale">The preset.</param>
    /// <exception cref="ArgumentException">There is no such method; the message lists those there are.</exception>
    public static ModelSettings Get(string name, Scale scale) =>
        Methods.FirstOrDefault(presets => presets[0].Name.Equals(name, StringComparison.OrdinalIgnoreCase))?[(int)scale]
            ?? throw new ArgumentException($"There is no method {name}. Choose from {string.Join(", ", Names)}.");
}
