using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>Free words in a diagram, centred.</summary>
/// <param name="X">The middle, in CSS pixels from the left.</param>
/// <param name="Y">The middle, in CSS pixels below the title.</param>
/// <param name="Text">"\n" starts a new line.</param>
public sealed record DiagramLabel(float X, float Y, string Text)
{
    public bool Bold { get; init; }

    public SKColor Color { get; init; } = Palette.Ink;
}
