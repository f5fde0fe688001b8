using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// What both renderings of a chart share: where each series stands, its colour and shape, the ranges of the axes and
/// the legend. Ranges are in powers of ten on a log axis.
/// </summary>
internal sealed class ChartFrame
{
    private const double GroupWidth = 0.8;
    private readonly Chart chart;
    private readonly List<Series> bars;
    private readonly List<Series> intervals;
    private readonly List<Series> boxes;

    public ChartFrame(Chart chart)
    {
        this.chart = chart;
        bars = [.. chart.Series.Where(series => series.Kind == SeriesKind.Bar)];
        intervals = [.. chart.Series.Where(series => series.Kind == SeriesKind.Interval)];
        boxes = [.. chart.Series.Where(series => series.Kind == SeriesKind.Box)];
        XCategories = chart.X.Categories ?? (boxes.Count > 0 ? [.. boxes.Select(box => box.Name)] : bars.Count > 0 ? Numbers(bars.Max(bar => bar.Y.Count)) : null);
        YCategories = chart.Y.Categories ?? (intervals.Count > 0 ? Numbers(intervals.Max(interval => interval.X.Count)) : null);
        foreach (Series series in chart.Series)
            Check(series);
        (XLow, XHigh) = Range(chart.X, XCategories, chart.Series.SelectMany(HorizontalExtent), vertical: true, fromZero: false);
        (YLow, YHigh) = Range(chart.Y, YCategories, chart.Series.SelectMany(VerticalExtent), vertical: false, fromZero: bars.Count > 0 || chart.Series.Any(s => s.Kind == SeriesKind.Histogram));
        LegendItem[] items = [.. chart.Series.Where(series => series.Name.Length > 0 && series.Kind != SeriesKind.Box).Select(Legend)];
        LegendItems = items.Length > 1 ? items : [];
    }

    public IReadOnlyList<string>? XCategories { get; }

    /// <summary>Whether the horizontal axis counts, as epochs do, so that halves between its ticks mean nothing.</summary>
    public bool XWhole => XCategories is null && !chart.X.Log && chart.Series.Count > 0
        && chart.Series.All(series => series.Kind is SeriesKind.Line or SeriesKind.Scatter && series.X.All(double.IsInteger));

    /// <summary>Names of the rows, the first on top.</summary>
    public IReadOnlyList<string>? YCategories { get; }

    public double XLow { get; }

    public double XHigh { get; }

    public double YLow { get; }

    public double YHigh { get; }

    public IReadOnlyList<LegendItem> LegendItems { get; }

    /// <summary>The width of one bar in category units.</summary>
    public double BarWidth => GroupWidth / Math.Max(1, bars.Count);

    public SKColor Color(Series series) => series.Color ?? (series.Kind == SeriesKind.Box && chart.Series.Count > 1 ? Palette.Blue : Palette.SeriesAt(IndexOf(series)));

    public Marker Shape(Series series) => series.Marker ?? (Marker)(IndexOf(series) % 4);

    /// <summary>Whether a line also shows its points: few points, or asked for.</summary>
    public static bool ShowsPoints(Series series) => series.Kind != SeriesKind.Line || series.Marker is not null || series.X.Count <= 25;

    /// <summary>The middle of a bar, bars of several series side by side.</summary>
    public double BarPosition(Series series, int i) => series.X[i] + Dodge(bars, series, BarWidth);

    /// <summary>The height of an interval, intervals of several series one below another.</summary>
    public double IntervalPosition(Series series, int i) => series.Y[i] + Dodge(intervals, series, 0.6 / Math.Max(1, intervals.Count));

    public int BoxPosition(Series series) => boxes.IndexOf(series);

    /// <summary>The value as a place on its axis.</summary>
    public static double Place(Axis axis, double value) => axis.Log ? Math.Log10(value) : value;

    private static double Dodge(List<Series> group, Series series, double step) =>
        (group.FindIndex(member => ReferenceEquals(member, series)) - ((group.Count - 1) / 2.0)) * step;

    private static IReadOnlyList<string> Numbers(int count) => [.. Enumerable.Range(1, count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    private int IndexOf(Series series)
    {
        int index = 0;
        while (!ReferenceEquals(chart.Series[index], series))
            index++;
        return index;
    }

    private LegendItem Legend(Series series) => new(series.Name, Color(series), series.Kind switch
    {
        SeriesKind.Line or SeriesKind.Interval => LegendShape.Line,
        SeriesKind.Scatter => LegendShape.None,
        _ => LegendShape.Area,
    })
    {
        Dash = series.Dash,
        Marker = series.Kind is SeriesKind.Line or SeriesKind.Scatter or SeriesKind.Interval && ShowsPoints(series) ? Shape(series) : null,
    };

    private void Check(Series series)
    {
        if (series.Low?.Count != series.High?.Count || (series.Low is { } low && low.Count != series.X.Count))
            throw new ArgumentException($"Series \"{series.Name}\" of chart \"{chart.Title}\" needs one low and one high value a point.");
        if (chart.X.Log && HorizontalExtent(series).Any(x => x <= 0))
            throw new ArgumentException($"Series \"{series.Name}\" of chart \"{chart.Title}\" has an x value of 0 or less on a log axis.");
        if (chart.Y.Log && (series.Kind is SeriesKind.Bar or SeriesKind.Histogram || VerticalExtent(series).Any(y => y <= 0)))
            throw new ArgumentException($"Series \"{series.Name}\" of chart \"{chart.Title}\" has a bar or a y value of 0 or less on a log axis.");
    }

    private static IEnumerable<double> HorizontalExtent(Series series) => series.Kind switch
    {
        SeriesKind.Interval => series.X.Concat(series.Low!).Concat(series.High!),
        SeriesKind.Histogram => [series.X[0] - (series.BinWidth / 2), series.X[^1] + (series.BinWidth / 2)],
        SeriesKind.Box => [],
        _ => series.X,
    };

    private static IEnumerable<double> VerticalExtent(Series series) => series.Kind switch
    {
        SeriesKind.Interval => [],
        _ => series.Y.Concat(series.Low ?? []).Concat(series.High ?? []),
    };

    private (double Low, double High) Range(Axis axis, IReadOnlyList<string>? categories, IEnumerable<double> values, bool vertical, bool fromZero)
    {
        if (categories is not null)
            return (-0.5, categories.Count - 0.5);
        double[] places = [.. values.Concat(chart.Lines.Where(line => line.Vertical == vertical).Select(line => line.Value)).Where(double.IsFinite).Select(v => Place(axis, v))];
        double low = places.Length > 0 ? places.Min() : 0;
        double high = places.Length > 0 ? places.Max() : 1;
        if (fromZero)
            (low, high) = (Math.Min(0, low), Math.Max(0, high));
        double pad = high > low ? (high - low) * (chart.Series.Any(s => s.ValueFormat is not null) ? 0.09 : 0.05) : 0.5;
        bool tight = vertical && chart.Series.Any(series => series.Kind == SeriesKind.Histogram);
        low -= tight || (fromZero && low == 0) ? 0 : pad;
        high += tight || (fromZero && high == 0) ? 0 : pad;
        return (axis.Min is { } min ? Place(axis, min) : low, axis.Max is { } max ? Place(axis, max) : high);
    }
}
