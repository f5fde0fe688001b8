namespace C2FVL.Figures;

/// <summary>How a legend shows a colour.</summary>
public enum LegendShape
{
    Area,
    Outline,
    Line,
    None,
}
