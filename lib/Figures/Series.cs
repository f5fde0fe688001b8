using System.Globalization;
using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>One named set of values in a chart. Made by the method of its kind: Line, Scatter, Bar, …</summary>
public sealed record Series
{
    private Series(SeriesKind kind, string name, double[] x, double[] y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"Series \"{name}\" has {x.Length} x values and {y.Length} y values.");
        (Kind, Name, X, Y) = (kind, name, x, y);
    }

    public SeriesKind Kind { get; }

    /// <summary>The name in the legend.</summary>
    public string Name { get; }

    /// <summary>Values along the horizontal axis; category positions where that axis has categories.</summary>
    public IReadOnlyList<double> X { get; private init; }

    /// <summary>Values along the vertical axis.</summary>
    public IReadOnlyList<double> Y { get; private init; }

    /// <summary>The lower end of each value's interval, on the value's own axis; null for none.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The upper end of each value's interval.</summary>
    public IReadOnlyList<double>? High { get; init; }

    public Spread Spread { get; init; } = Spread.Bars;

    /// <summary>Null takes the palette's next colour.</summary>
    public SKColor? Color { get; init; }

    public Dash Dash { get; init; } = Dash.Solid;

    /// <summary>The points' shape; null gives each series its own.</summary>
    public Marker? Marker { get; init; }

    /// <summary>
    /// A .NET number format for the value written on each bar or interval, such as "0.0"; null writes none.
    /// </summary>
    public string? ValueFormat { get; init; }

    /// <summary>The width of a histogram's bins.</summary>
    public double BinWidth { get; private init; }

    /// <summary>Points joined by a line; NaN leaves a gap.</summary>
    public static Series Line(string name, IEnumerable<double> x, IEnumerable<double> y) =>
        new(SeriesKind.Line, name, [.. x], [.. y]);

    /// <summary>Points.</summary>
    public static Series Scatter(string name, IEnumerable<double> x, IEnumerable<double> y) =>
        new(SeriesKind.Scatter, name, [.. x], [.. y]);

    /// <summary>
    /// One bar per category of the horizontal axis; several bar series stand side by side. NaN leaves a bar out.
    /// </summary>
    public static Series Bar(string name, IEnumerable<double> values)
    {
        double[] y = [.. values];
        return new(SeriesKind.Bar, name, Positions(y.Length), y);
    }

    /// <summary>One estimate with its interval a category of the vertical axis, the first on top.</summary>
    public static Series Interval(
        string name, IEnumerable<double> estimates, IEnumerable<double> low, IEnumerable<double> high)
    {
        double[] x = [.. estimates];
        return new(SeriesKind.Interval, name, x, Positions(x.Length)) { Low = [.. low], High = [.. high] };
    }

    /// <summary>
    /// Counts of values in equal bins from <paramref name="from"/> to <paramref name="to"/>; a value at the end counts
    /// in the last bin.
    /// </summary>
    /// <exception cref="ArgumentException">A value lies outside, or there is no room for a bin.</exception>
    public static Series Histogram(string name, IEnumerable<double> values, double from, double to, int bins = 20)
    {
        if (!(to > from) || bins < 1)
            throw new ArgumentException(
                $"Histogram \"{name}\" needs at least one bin and an end above its start, not "
                    + FormattableString.Invariant($"{bins} bins from {from} to {to}."));
        double width = (to - from) / bins;
        var counts = new double[bins];
        foreach (double value in values)
        {
            if (!(value >= from && value <= to))
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"Histogram \"{name}\" runs from {from} to {to} and got {value}. Widen it."));
            counts[Math.Min((int)((value - from) / width), bins - 1)]++;
        }

        double[] middles = [.. Enumerable.Range(0, bins).Select(i => from + ((i + 0.5) * width))];
        return new(SeriesKind.Histogram, name, middles, counts) { BinWidth = width };
    }

    /// <summary>
    /// The line with a gap wherever the rule holds between two points that follow each other, such as a learning rate
    /// that starts over: <c>.BrokenWhere((before, after) => after > before)</c>.
    /// </summary>
    /// <param name="jump">Takes the y values before and after.</param>
    public Series BrokenWhere(Func<double, double, bool> jump)
    {
        if (Low is not null)
            throw new InvalidOperationException($"Series \"{Name}\" has intervals. Break it before they are given.");
        (double X, double Y)[] points = [.. X.Zip(Y).SelectMany((point, i) =>
            i > 0 && jump(Y[i - 1], point.Second) ? new[] { (point.First, double.NaN), point } : [point])];
        return this with { X = [.. points.Select(point => point.X)], Y = [.. points.Select(point => point.Y)] };
    }

    private static double[] Positions(int count) => [.. Enumerable.Range(0, count).Select(i => (double)i)];
}

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

/// <summary>How a line or scatter series shows its low and high values.</summary>
public enum Spread
{
    Bars,
    Band,
}

/// <summary>A line's pattern; distinguishes series where colour does not.</summary>
public enum Dash
{
    Solid,
    Dashed,
    Dotted,
}

/// <summary>The pattern on a canvas.</summary>
internal static class DashStyles
{
    /// <summary>
    /// Draws a line with the pattern. Its dashes are drawn as filled shapes, because Skia's SVG output knows no
    /// patterns: it draws a solid line and complains on the error stream.
    /// </summary>
    public static void Stroke(this Dash dash, SKCanvas canvas, SKPoint[] points, SKColor color, float width)
    {
        using var path = new SKPath();
        path.AddPoly(points, close: false);
        using var paint = new SKPaint
        { Color = color, IsAntialias = true, IsStroke = true, StrokeWidth = width, StrokeJoin = SKStrokeJoin.Round };
        if (dash == Dash.Solid)
        {
            canvas.DrawPath(path, paint);
            return;
        }

        using var pattern = SKPathEffect.CreateDash(dash == Dash.Dashed ? [6, 4] : [2, 3], 0);
        paint.PathEffect = pattern;
        using SKPath dashes = paint.GetFillPath(path);
        paint.PathEffect = null;
        paint.IsStroke = false;
        canvas.DrawPath(dashes, paint);
    }
}

/// <summary>A point's shape; distinguishes series where colour does not.</summary>
public enum Marker
{
    Circle,
    Square,
    Diamond,
    Triangle,
}

/// <summary>The same shape for ScottPlot and on a canvas.</summary>
internal static class MarkerStyles
{
    public static MarkerShape Shape(this Marker marker) => marker switch
    {
        Marker.Square => MarkerShape.FilledSquare,
        Marker.Diamond => MarkerShape.FilledDiamond,
        Marker.Triangle => MarkerShape.FilledTriangleUp,
        _ => MarkerShape.FilledCircle,
    };

    public static void Draw(this Marker marker, SKCanvas canvas, float x, float y, float size, SKColor color)
    {
        using ScottPlot.Paint paint = ScottPlot.Paint.NewDisposablePaint();
        new MarkerStyle(marker.Shape(), size, ScottPlot.Color.FromSKColor(color)).Render(canvas, new(x, y), paint);
    }
}
