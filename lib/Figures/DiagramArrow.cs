using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>An arrow between two boxes of a diagram.</summary>
/// <param name="From">The id of the box it leaves.</param>
/// <param name="To">The id of the box it reaches.</param>
public sealed record DiagramArrow(string From, string To)
{
    public DiagramSide FromSide { get; init; } = DiagramSide.Right;

    public DiagramSide ToSide { get; init; } = DiagramSide.Left;

    /// <summary>Points between the two ends, in the diagram's coordinates.</summary>
    public IReadOnlyList<(float X, float Y)> Via { get; init; } = [];

    public SKColor Color { get; init; } = Palette.Ink;

    public Dash Dash { get; init; } = Dash.Solid;

    /// <summary>Both ends carry a head.</summary>
    public bool Both { get; init; }
}
