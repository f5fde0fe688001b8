namespace C2FVL.Figures;

/// <summary>One axis of a chart.</summary>
/// <param name="Title">What it measures, with its unit.</param>
public sealed record Axis(string Title = "")
{
    /// <summary>The low end; null takes it from the data.</summary>
    public double? Min { get; init; }

    /// <summary>The high end; null takes it from the data.</summary>
    public double? Max { get; init; }

    /// <summary>Base 10; every value has to be above 0.</summary>
    public bool Log { get; init; }

    /// <summary>Names for the positions 0, 1, 2, …; null is a number axis.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}
