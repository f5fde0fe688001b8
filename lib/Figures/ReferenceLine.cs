namespace C2FVL.Figures;

/// <summary>A dashed line across the chart: a paper's number, zero, a chosen threshold.</summary>
/// <param name="Value">Its place on its axis.</param>
/// <param name="Label">Words at its end.</param>
/// <param name="Vertical">Whether it stands at a value of the horizontal axis.</param>
public sealed record ReferenceLine(double Value, string Label = "", bool Vertical = false);
