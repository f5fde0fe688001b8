using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A colour and its meaning.</summary>
/// <param name="Name">The words beside the swatch.</param>
/// <param name="Color">The swatch's colour.</param>
/// <param name="Shape">How the swatch is drawn.</param>
public sealed record LegendItem(string Name, SKColor Color, LegendShape Shape = LegendShape.Area)
{
    /// <summary>The pattern of a swatch that is a line.</summary>
    public Dash Dash { get; init; } = Dash.Solid;

    /// <summary>The mark on top of the swatch, if any.</summary>
    public Marker? Marker { get; init; }
}
