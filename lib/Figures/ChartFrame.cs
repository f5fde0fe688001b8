using System.Globalization;
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
    private readonly Series[] bars, intervals;

    public ChartFrame(Chart chart)
    {
        this.chart = chart;
        bars = [.. chart.Series.Where(series => series.Kind == SeriesKind.Bar)];
        intervals = [.. chart.Series.Where(series => series.Kind == SeriesKind.Interval)];
        XCategories = chart.X.Categories ?? Numbers(bars.Select(bar => bar.Y.Count));
        YCategories = chart.Y.Categories ?? Numbers(intervals.Select(interval => interval.X.Count));
        foreach (Series series in chart.Series)
            Check(series);
        (XLow, XHigh) = Range(chart.X, XCategories, chart.Series.SelectMany(HorizontalExtent), isX: true);
        if (WithoutOutliers() is { } closer)
            (XLow, XHigh) = closer;
        (YLow, YHigh) = Range(chart.Y, YCategories, chart.Series.SelectMany(VerticalExtent), isX: false);
        LegendItem[] items = [.. chart.Series.Where(series => series.Name.Length > 0).Select(Legend)];
        LegendItems = items.Length > 1 ? items : [];
        LineLabels = PlaceLabels();
        // Room above the data for the words of vertical lines.
        double room = LineLabels.Any(label => label.Line.Vertical)
            ? LabelStep * (1 + LineLabels.Max(label => label.Row))
            : 0;
        if (YCategories is not null)
            YLow -= room;
        else if (chart.Y.Max is null)
            YHigh += room;
    }

    public IReadOnlyList<string>? XCategories { get; }

    /// <summary>
    /// Whether the horizontal axis counts, as epochs do, so that halves between its ticks mean nothing.
    /// </summary>
    public bool XWhole => XCategories is null && !chart.X.Log && chart.Series.Count > 0
        && chart.Series.All(
            series => series.Kind is SeriesKind.Line or SeriesKind.Scatter && series.X.All(double.IsInteger));

    /// <summary>Names of the rows, the first on top.</summary>
    public IReadOnlyList<string>? YCategories { get; }

    public double XLow { get; }

    public double XHigh { get; }

    public double YLow { get; }

    public double YHigh { get; }

    public IReadOnlyList<LegendItem> LegendItems { get; }

    /// <summary>
    /// The words of the reference lines: beside which side of its line, and in which row from the top, so that none
    /// overlap.
    /// </summary>
    public IReadOnlyList<(ReferenceLine Line, bool Left, int Row)> LineLabels { get; }

    /// <summary>How much of what lies behind it a histogram covers.</summary>
    public double HistogramOpacity => LegendItems.Count > 1 ? 0.55 : 0.85;

    /// <summary>From one row of such words to the next, in units of the vertical axis.</summary>
    public double LabelStep => YCategories is null ? 0.07 * (YHigh - YLow) : 0.45;

    /// <summary>Whether reference lines are drawn over the series: bars would hide them.</summary>
    public static bool LinesInFront(Chart chart) =>
        chart.Series.Any(StandsOnZero);

    /// <summary>Reference lines: dark where they cross bars.</summary>
    public static SKColor LineColor(Chart chart) => LinesInFront(chart) ? Palette.Ink : Palette.Muted;

    /// <summary>
    /// Whether an interval's estimate lies outside the axis, so that an arrow at its end stands for it.
    /// </summary>
    public bool IsBeyond(double estimate) => Place(chart.X, estimate) < XLow || Place(chart.X, estimate) > XHigh;

    /// <summary>
    /// Where an interval's estimate is drawn: at its value, or at the axis' end where it lies beyond.
    /// </summary>
    public double Shown(double estimate)
    {
        double inset = 0.02 * (XHigh - XLow);
        double place = Place(chart.X, estimate);
        return place < XLow ? Value(chart.X, XLow + inset)
            : place > XHigh ? Value(chart.X, XHigh - inset)
            : estimate;
    }

    /// <summary>
    /// The words at an interval: its value where the series writes values, always where it lies beyond the axis.
    /// </summary>
    public string? ValueLabel(Series series, int i)
    {
        string Of(double value) => Text(value, series.ValueFormat ?? "0.#");

        if (double.IsFinite(series.X[i]) && IsBeyond(series.X[i]))
            return $"{Of(series.X[i])} [{Of(series.Low![i])}, {Of(series.High![i])}]";
        return double.IsFinite(series.X[i]) && series.ValueFormat is not null ? Of(series.X[i]) : null;
    }

    /// <summary>Whether a horizontal line is so near the top that its words stand below it.</summary>
    public bool IsHigh(ReferenceLine line) => Place(chart.Y, line.Value) > YLow + (0.9 * (YHigh - YLow));

    /// <summary>The width of one bar in category units.</summary>
    public double BarWidth => GroupWidth / Math.Max(1, bars.Length);

    public SKColor Color(Series series) => series.Color ?? Palette.SeriesAt(IndexOf(series));

    public Marker Shape(Series series) => series.Marker ?? (Marker)(IndexOf(series) % 4);

    /// <summary>Whether a line also shows its points: few points, or asked for.</summary>
    public static bool ShowsPoints(Series series) =>
        series.Kind != SeriesKind.Line || series.Marker is not null || series.X.Count <= 25;

    /// <summary>The middle of a bar, bars of several series side by side.</summary>
    public double BarPosition(Series series, int i) => series.X[i] + Dodge(bars, series, BarWidth);

    /// <summary>The height of an interval, intervals of several series one below another.</summary>
    public double IntervalPosition(Series series, int i) =>
        series.Y[i] + Dodge(intervals, series, 0.6 / Math.Max(1, intervals.Length));

    /// <summary>The value as a place on its axis.</summary>
    public static double Place(Axis axis, double value) => axis.Log ? Math.Log10(value) : value;

    /// <summary>The value at a place on its axis.</summary>
    public static double Value(Axis axis, double place) => axis.Log ? Math.Pow(10, place) : place;

    /// <summary>A value in a .NET number format.</summary>
    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Powers of ten; also their doubles and fivefolds where the range is below two powers.</summary>
    /// <param name="low">The axis' end as a power of ten.</param>
    /// <param name="high">The other end.</param>
    public static IEnumerable<double> LogTicks(double low, double high) =>
        from power in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
        from step in high - low < 2 ? (double[])[1, 2, 5] : [1]
        let place = power + Math.Log10(step)
        where place >= low - 1e-9 && place <= high + 1e-9
        select step * Math.Pow(10, power);

    private static double Dodge(Series[] group, Series series, double step) =>
        (Array.FindIndex(group, member => ReferenceEquals(member, series)) - ((group.Length - 1) / 2.0)) * step;

    private static IReadOnlyList<string>? Numbers(IEnumerable<int> counts) => !counts.Any()
        ? null
        : [.. Enumerable.Range(1, counts.Max()).Select(i => Text(i, "0"))];

    private int IndexOf(Series series) => chart.Series.Index().First(own => ReferenceEquals(own.Item, series)).Index;

    private LegendItem Legend(Series series) => new(series.Name, Color(series), series.Kind switch
    {
        SeriesKind.Line or SeriesKind.Interval => LegendShape.Line,
        SeriesKind.Scatter => LegendShape.None,
        _ => LegendShape.Area,
    })
    {
        Dash = series.Dash,
        Marker = series.Kind is SeriesKind.Line or SeriesKind.Scatter or SeriesKind.Interval && ShowsPoints(series)
            ? Shape(series)
            : null,
    };

    private void Check(Series series)
    {
        string place = $"Series \"{series.Name}\" of chart \"{chart.Title}\"";
        if (series.Low?.Count != series.High?.Count || (series.Low is { } low && low.Count != series.X.Count))
            throw new ArgumentException($"{place} needs one low and one high value per point.");
        if (series.Kind == SeriesKind.Bar && XCategories!.Take(series.Y.Count).Distinct().Count() < series.Y.Count)
            throw new ArgumentException(
                $"Chart \"{chart.Title}\" has two bars of one category in series \"{series.Name}\". Give each "
                    + "category a name of its own.");
        if (chart.X.Log && HorizontalExtent(series).Any(x => x <= 0))
            throw new ArgumentException($"{place} has an x value of 0 or less on a log axis.");
        if (chart.Y.Log && (StandsOnZero(series) || VerticalExtent(series).Any(y => y <= 0)))
            throw new ArgumentException($"{place} has a bar or a y value of 0 or less on a log axis.");
    }

    private static bool StandsOnZero(Series series) => series.Kind is SeriesKind.Bar or SeriesKind.Histogram;

    private static IEnumerable<double> HorizontalExtent(Series series) => series.Kind switch
    {
        SeriesKind.Interval => series.X.Concat(series.Low!).Concat(series.High!),
        SeriesKind.Histogram => [series.X[0] - (series.BinWidth / 2), series.X[^1] + (series.BinWidth / 2)],
        _ => series.X,
    };

    private static IEnumerable<double> VerticalExtent(Series series) =>
        series.Kind == SeriesKind.Interval ? [] : series.Y.Concat(series.Low ?? []).Concat(series.High ?? []);

    /// <summary>
    /// A nearer range for a chart of intervals where one row alone, far from all others, would squeeze them: where the
    /// range without it is less than half as wide. Null where there is no such row, or the axis has its ends given.
    /// </summary>
    private (double Low, double High)? WithoutOutliers()
    {
        if (intervals.Length == 0 || chart.X.Min is not null || chart.X.Max is not null || YCategories!.Count < 4)
            return null;
        IEnumerable<int> rows = Enumerable.Range(0, YCategories.Count);
        IEnumerable<double> Ends(int row) => intervals.Where(series => row < series.X.Count)
            .SelectMany(series => new[] { series.X[row], series.Low![row], series.High![row] });
        (double Low, double High) best = rows
            .Select(left => Range(chart.X, null, rows.Where(row => row != left).SelectMany(Ends), isX: true))
            .MinBy(range => range.High - range.Low);
        return best.High - best.Low < 0.5 * (XHigh - XLow) ? best : null;
    }

    private List<(ReferenceLine Line, bool Left, int Row)> PlaceLabels()
    {
        ILookup<bool, ReferenceLine> labelled = chart.Lines.Where(line => line.Label.Length > 0)
            .OrderBy(line => line.Value)
            .ToLookup(line => line.Vertical);
        List<(ReferenceLine Line, bool Left, int Row)> placed = [.. labelled[false].Select(line => (line, true, 0))];
        var taken = new List<(double Low, double High, int Row)>();
        double[] places = [.. labelled[true].Select(line => Place(chart.X, line.Value))];
        foreach ((ReferenceLine line, double place) in labelled[true].Zip(places))
        {
            // What the words take of a narrow plot.
            double span = Math.Min(0.5, (FigureCanvas.Width(line.Label) + 8) / 240) * (XHigh - XLow);
            // Away from the next line, if that side has room; else a row lower.
            bool away = places.Any(other => other > place && other - place < span);
            bool[] sides = away || place + span > XHigh ? [true, false] : [false, true];
            (bool left, int row) = Enumerable.Range(0, places.Length)
                .SelectMany(row => sides.Select(left => (left, row)))
                .First(at => HasRoom(at.left) && taken.All(other => other.Row != at.row || IsApart(other, at.left)));
            (double low, double high) = Ends(left);
            taken.Add((low, high, row));
            placed.Add((line, left, row));

            (double Low, double High) Ends(bool left) => left ? (place - span, place) : (place, place + span);
            bool HasRoom(bool left) => left ? place - span >= XLow : place + span <= XHigh || place - span < XLow;
            bool IsApart((double Low, double High, int Row) other, bool left) =>
                other.Low >= Ends(left).High || Ends(left).Low >= other.High;
        }

        return placed;
    }

    private (double Low, double High) Range(
        Axis axis, IReadOnlyList<string>? categories, IEnumerable<double> values, bool isX)
    {
        if (categories is not null)
            return (-0.5, categories.Count - 0.5);
        bool fromZero = !isX && LinesInFront(chart);
        bool tight = isX && chart.Series.Any(series => series.Kind == SeriesKind.Histogram);
        double[] places = [
            .. values.Concat(chart.Lines.Where(line => line.Vertical == isX).Select(line => line.Value))
                .Where(double.IsFinite)
                .Select(value => Place(axis, value))];
        (double low, double high) = places.Length > 0 ? (places.Min(), places.Max()) : (0, 1);
        if (fromZero)
            (low, high) = (Math.Min(0, low), Math.Max(0, high));
        double pad = high > low ? (high - low) * (chart.Series.Any(s => s.ValueFormat is not null) ? 0.09 : 0.05) : 0.5;
        low -= tight || (fromZero && low == 0) ? 0 : pad;
        high += tight || (fromZero && high == 0) ? 0 : pad;
        return (axis.Min is { } min ? Place(axis, min) : low, axis.Max is { } max ? Place(axis, max) : high);
    }
}

/// <summary>A colour and its meaning.</summary>
/// <param name="Name">The words beside the swatch.</param>
/// <param name="Color">The swatch's colour.</param>
/// <param name="Shape">How the swatch is drawn.</param>
public sealed record LegendItem(string Name, SKColor Color, LegendShape Shape = LegendShape.Area)
{
    /// <summary>The pattern of a swatch that is a line.</summary>
    public Dash Dash { get; init; } = Dash.Solid;

    /// <summary>The mark on top of the swatch, if any.</summary>
    public Marker? Marker { get; init; }
}

/// <summary>How a legend shows a colour.</summary>
public enum LegendShape
{
    Area,
    Outline,
    Line,
    None,
}
