using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A box of a diagram.</summary>
/// <param name="Id">Its name for arrows.</param>
/// <param name="X">The middle, in CSS pixels from the left.</param>
/// <param name="Y">The middle, in CSS pixels below the title.</param>
/// <param name="Text">Its words; "\n" starts a new line, and words break to fit.</param>
public sealed record DiagramBox(string Id, float X, float Y, string Text)
{
    public float Width { get; init; } = 120;

    public float Height { get; init; } = 48;

    /// <summary>The frame's colour; the box is filled with a light tint of it.</summary>
    public SKColor Color { get; init; } = Palette.Muted;

    /// <summary>Drawn as an ellipse: an operation, not a layer.</summary>
    public bool Round { get; init; }

    internal SKRect Bounds => SKRect.Create(X - (Width / 2), Y - (Height / 2), Width, Height);
}
