namespace C2FVL.Figures;

/// <summary>The middle of a box's edge.</summary>
public enum DiagramSide
{
    Left,
    Right,
    Top,
    Bottom,
}
