namespace C2FVL.Figures;

/// <summary>The scale of a colour map beside a picture grid.</summary>
/// <param name="Map">The colours.</param>
/// <param name="Title">What the colour measures.</param>
/// <param name="Low">Words at the low end.</param>
/// <param name="High">Words at the high end.</param>
public sealed record ColorBar(ColorMap Map, string Title, string Low = "0", string High = "1");
