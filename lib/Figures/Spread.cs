namespace C2FVL.Figures;

/// <summary>How a line or scatter series shows its low and high values.</summary>
public enum Spread
{
    Bars,
    Band,
}
