namespace C2FVL.Figures;

/// <summary>How a series is drawn.</summary>
public enum SeriesKind
{
    Line,
    Scatter,
    Bar,

    /// <summary>Horizontal estimates with intervals, one row a category.</summary>
    Interval,
    Histogram,
}
