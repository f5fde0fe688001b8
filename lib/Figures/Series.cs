using C2FVL.Data;

namespace C2FVL.Figures;

/// <summary>One named set of values in a chart. Made by the method of its kind: Line, Bar, …</summary>
public sealed record Series
{
    private Series(SeriesKind kind, string name, IEnumerable<double> x, IEnumerable<double> y)
    {
        (Kind, Name, X, Y) = (kind, name, [.. x], [.. y]);
        if (X.Count != Y.Count)
            throw new ArgumentException($"Series \"{name}\" has {X.Count} x values and {Y.Count} y values.");
    }

    public SeriesKind Kind { get; }

    /// <summary>The name in the legend.</summary>
    public string Name { get; }

    /// <summary>Values along the horizontal axis; category positions where that axis has categories.</summary>
    public IReadOnlyList<double> X { get; }

    /// <summary>Values along the vertical axis.</summary>
    public IReadOnlyList<double> Y { get; }

    /// <summary>The lower end of each estimate's interval, on the value's own axis; null for none.</summary>
    public IReadOnlyList<double>? Low { get; private init; }

    /// <summary>The upper end of each estimate's interval.</summary>
    public IReadOnlyList<double>? High { get; private init; }

    /// <summary>Whether a line is dashed.</summary>
    public bool IsDashed { get; init; }

    /// <summary>
    /// A .NET number format for the value written on each bar or interval, such as "0.0"; null writes none.
    /// </summary>
    public string? ValueFormat { get; init; }

    /// <summary>The width of a histogram's bins.</summary>
    public double BinWidth { get; private init; }

    /// <summary>What the series measures, on whichever axis.</summary>
    internal IReadOnlyList<double> Values => Kind == SeriesKind.Interval ? X : Y;

    /// <summary>Points joined by a line; NaN leaves a gap.</summary>
    public static Series Line(string name, IEnumerable<double> x, IEnumerable<double> y) =>
        new(SeriesKind.Line, name, x, y);

    /// <summary>
    /// One bar per category of the horizontal axis; several bar series stand side by side. NaN leaves a bar out.
    /// </summary>
    public static Series Bar(string name, IEnumerable<double> values)
    {
        double[] y = [.. values];
        return new(SeriesKind.Bar, name, Positions(y.Length), y);
    }

    /// <summary>The same with an interval at each bar.</summary>
    public static Series Bar(string name, IEnumerable<Estimate> estimates)
    {
        Estimate[] all = [.. estimates];
        return Bar(name, all.Select(e => e.Value)) with
        { Low = [.. all.Select(e => e.Low)], High = [.. all.Select(e => e.High)] };
    }

    /// <summary>
    /// One estimate with its interval a category of the vertical axis, the first on top; null leaves a row empty.
    /// </summary>
    public static Series Interval(string name, IEnumerable<Estimate?> estimates)
    {
        var none = new Estimate(double.NaN, double.NaN, double.NaN);
        Estimate[] all = [.. estimates.Select(estimate => estimate ?? none)];
        return new(SeriesKind.Interval, name, all.Select(e => e.Value), Positions(all.Length))
        { Low = [.. all.Select(e => e.Low)], High = [.. all.Select(e => e.High)] };
    }

    /// <summary>
    /// Counts of values in equal bins from <paramref name="from"/> to <paramref name="to"/>; a value at the end counts
    /// in the last bin.
    /// </summary>
    /// <exception cref="ArgumentException">A value lies outside, or there is no room for a bin.</exception>
    public static Series Histogram(string name, IEnumerable<double> values, double from, double to, int bins = 20)
    {
        double width = (to - from) / bins;
        if (!(width > 0))
            throw new ArgumentException(
                $"Histogram \"{name}\" needs at least one bin and an end above its start, not "
                    + FormattableString.Invariant($"{bins} bins from {from} to {to}."));
        var counts = new double[bins];
        foreach (double value in values)
        {
            if (!(value >= from && value <= to))
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"Histogram \"{name}\" runs from {from} to {to} and got {value}. Widen it."));
            counts[Math.Min((int)((value - from) / width), bins - 1)]++;
        }

        return new(SeriesKind.Histogram, name, Positions(bins).Select(i => from + ((i + 0.5) * width)), counts)
        { BinWidth = width };
    }

    /// <summary>0, 1, 2, …</summary>
    internal static IEnumerable<double> Positions(int count) => Enumerable.Range(0, count).Select(i => (double)i);
}

/// <summary>How a series is drawn.</summary>
public enum SeriesKind
{
    Line,
    Bar,

    /// <summary>Horizontal estimates with intervals, one row a category.</summary>
    Interval,
    Histogram,
}
