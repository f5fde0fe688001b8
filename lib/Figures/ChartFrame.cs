using System.Globalization;
using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// What both renderings of a chart share: where each series stands, its colour and shape, the ranges of the axes and
/// the legend.
/// </summary>
internal sealed class ChartFrame
{
    private const double GroupWidth = 0.8;

    /// <summary>The shapes of points, for ScottPlot and for Plotly.</summary>
    private static readonly (MarkerShape Shape, string Symbol)[] Shapes =
    [
        (MarkerShape.FilledCircle, "circle"), (MarkerShape.FilledSquare, "square"),
        (MarkerShape.FilledDiamond, "diamond"), (MarkerShape.FilledTriangleUp, "triangle-up"),
    ];

    private readonly Chart chart;
    private readonly Series[] bars, intervals;

    public ChartFrame(Chart chart)
    {
        this.chart = chart;
        bars = [.. chart.Series.Where(series => series.Kind == SeriesKind.Bar)];
        intervals = [.. chart.Series.Where(series => series.Kind == SeriesKind.Interval)];
        XCategories = chart.X.Categories ?? Numbers(bars);
        YCategories = chart.Y.Categories ?? Numbers(intervals);
        if (bars.Length > 0 && XCategories!.Distinct().Count() < XCategories!.Count)
            throw new ArgumentException(
                $"Chart \"{chart.Title}\" has two bars of one category. Give each category a name of its own.");
        (XLow, XHigh) = XRange(chart.Series);
        if (WithoutOutlier() is { } closer)
            (XLow, XHigh) = closer;
        (YLow, YHigh) = YCategories is null
            ? Range(chart.Y, chart.Series.SelectMany(series => (double[])
                [.. series.Y, .. series.Low ?? [], .. series.High ?? []]), isX: false)
            : Slots(YCategories);
        LegendItem[] items = [.. chart.Series.Where(series => series.Name.Length > 0).Select(Legend)];
        LegendItems = items.Length > 1 ? items : [];
        LineLabels = PlaceLabels();
        // Room above the data for the words of vertical lines.
        int rows = LineLabels.Where(label => label.Line.Vertical).Select(label => label.Row + 1).DefaultIfEmpty().Max();
        if (YCategories is not null)
            YLow -= rows * LabelStep;
        else if (chart.Y.Max is null)
            YHigh += rows * LabelStep;
    }

    public IReadOnlyList<string>? XCategories { get; }

    /// <summary>
    /// Whether the horizontal axis counts, as epochs do, so that halves between its ticks mean nothing.
    /// </summary>
    public bool XWhole => XCategories is null && chart.Series.Count > 0
        && chart.Series.All(series => series.Kind == SeriesKind.Line && series.X.All(double.IsInteger));

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

    /// <summary>From one row of such words to the next, in units of the vertical axis.</summary>
    public double LabelStep => YCategories is null ? 0.07 * (YHigh - YLow) : 0.45;

    /// <summary>Whether reference lines are drawn over the series: bars would hide them.</summary>
    public bool LinesInFront => chart.Series.Any(series => series.Kind is SeriesKind.Bar or SeriesKind.Histogram);

    /// <summary>Reference lines: dark where they cross bars.</summary>
    public SKColor LineColor => LinesInFront ? Palette.Ink : Palette.Muted;

    /// <summary>
    /// Whether an interval's estimate lies outside the axis, so that an arrow at its end stands for it.
    /// </summary>
    public bool IsBeyond(double estimate) => estimate < XLow || estimate > XHigh;

    /// <summary>
    /// Where an interval's estimate is drawn: at its value, or at the axis' end where it lies beyond.
    /// </summary>
    public double Shown(double estimate)
    {
        double inset = 0.02 * (XHigh - XLow);
        return estimate < XLow ? XLow + inset : estimate > XHigh ? XHigh - inset : estimate;
    }

    /// <summary>
    /// The words at an interval: its value where the series writes values, always where it lies beyond the axis.
    /// </summary>
    public string? ValueLabel(Series series, int i)
    {
        string Of(double value) => Text(value, series.ValueFormat ?? "0.#");

        if (IsBeyond(series.X[i]))
            return $"{Of(series.X[i])} [{Of(series.Low![i])}, {Of(series.High![i])}]";
        return double.IsFinite(series.X[i]) && series.ValueFormat is not null ? Of(series.X[i]) : null;
    }

    /// <summary>Whether a horizontal line is so near the top that its words stand below it.</summary>
    public bool IsHigh(ReferenceLine line) => line.Value > YLow + (0.9 * (YHigh - YLow));

    /// <summary>The width of one bar in category units.</summary>
    public double BarWidth => GroupWidth / Math.Max(1, bars.Length);

    public SKColor Color(Series series) => Palette.SeriesAt(PlaceOf(series, chart.Series));

    public (MarkerShape Shape, string Symbol) Shape(Series series) =>
        Shapes[PlaceOf(series, chart.Series) % Shapes.Length];

    /// <summary>Whether a line also shows its points: where there are few.</summary>
    public static bool ShowsPoints(Series series) => series.X.Count <= 25;

    /// <summary>The middle of a bar, bars of several series side by side.</summary>
    public double BarPosition(Series series, int i) => series.X[i] + Dodge(bars, series, BarWidth);

    /// <summary>The height of an interval, intervals of several series one below another.</summary>
    public double IntervalPosition(Series series, int i) =>
        series.Y[i] + Dodge(intervals, series, 0.6 / Math.Max(1, intervals.Length));

    /// <summary>A value in a .NET number format.</summary>
    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static double Dodge(Series[] group, Series series, double step) =>
        (PlaceOf(series, group) - ((group.Length - 1) / 2.0)) * step;

    private static int PlaceOf(Series series, IEnumerable<Series> group) =>
        group.Index().First(own => ReferenceEquals(own.Item, series)).Index;

    private static string[]? Numbers(Series[] group) => group.Length == 0
        ? null
        : [.. Enumerable.Range(1, group.Max(series => series.Values.Count)).Select(i => Text(i, "0"))];

    private LegendItem Legend(Series series)
    {
        bool isLine = series.Kind is SeriesKind.Line or SeriesKind.Interval;
        return new LegendItem(series.Name, Color(series), isLine ? LegendShape.Line : LegendShape.Area)
        {
            IsDashed = series.IsDashed,
            Marker = isLine && ShowsPoints(series) ? Shape(series).Shape : null,
        };
    }

    private (double Low, double High) XRange(IEnumerable<Series> all) => XCategories is null
        ? Range(chart.X, all.SelectMany(series => series.Kind == SeriesKind.Histogram
            ? [series.X[0] - (series.BinWidth / 2), series.X[^1] + (series.BinWidth / 2)]
            : (double[])[.. series.X, .. series.Low ?? [], .. series.High ?? []]), isX: true)
        : Slots(XCategories);

    private static (double Low, double High) Slots(IReadOnlyList<string> categories) => (-0.5, categories.Count - 0.5);

    /// <summary>
    /// A nearer range for a chart of intervals where one row alone, far from all others, would squeeze them: where the
    /// range without it is less than half as wide. Null where there is no such row, or the axis has its ends given.
    /// </summary>
    private (double Low, double High)? WithoutOutlier()
    {
        if (intervals.Length == 0 || chart.X.Min is not null || chart.X.Max is not null || YCategories!.Count < 4)
            return null;
        IEnumerable<int> rows = Enumerable.Range(0, YCategories.Count);
        IEnumerable<double> Ends(int row) => intervals.Where(series => row < series.X.Count)
            .SelectMany(series => new[] { series.X[row], series.Low![row], series.High![row] });
        (double Low, double High) best = rows
            .Select(left => Range(chart.X, rows.Where(row => row != left).SelectMany(Ends), isX: true))
            .MinBy(range => range.High - range.Low);
        return best.High - best.Low < 0.5 * (XHigh - XLow) ? best : null;
    }

    /// <summary>
    /// Words of a vertical line stand right of it, or left where there is no room, and a row lower where they would
    /// meet others.
    /// </summary>
    private List<(ReferenceLine Line, bool Left, int Row)> PlaceLabels()
    {
        List<(ReferenceLine, bool, int)> placed = [
            .. chart.Lines.Where(line => !line.Vertical && line.Label.Length > 0).Select(line => (line, true, 0))];
        var ends = new List<double>(); // of the words in each row
        foreach (ReferenceLine line in chart.Lines.Where(line => line.Vertical && line.Label.Length > 0)
            .OrderBy(line => line.Value))
        {
            // What the words take of a narrow plot.
            double span = Math.Min(0.5, (FigureCanvas.Width(line.Label) + 8) / 240) * (XHigh - XLow);
            bool left = line.Value + span > XHigh;
            double begin = left ? line.Value - span : line.Value;
            int row = ends.FindIndex(end => end <= begin);
            if (row < 0)
            {
                row = ends.Count;
                ends.Add(0);
            }

            ends[row] = begin + span;
            placed.Add((line, left, row));
        }

        return placed;
    }

    private (double Low, double High) Range(Axis axis, IEnumerable<double> values, bool isX)
    {
        bool fromZero = !isX && LinesInFront;
        bool tight = isX && chart.Series.Any(series => series.Kind == SeriesKind.Histogram);
        double[] places = [
            .. values.Concat(chart.Lines.Where(line => line.Vertical == isX).Select(line => line.Value))
                .Where(double.IsFinite)];
        (double low, double high) = places.Length > 0 ? (places.Min(), places.Max()) : (0, 1);
        if (fromZero)
            (low, high) = (Math.Min(0, low), Math.Max(0, high));
        double pad = high > low ? (high - low) * (chart.Series.Any(s => s.ValueFormat is not null) ? 0.09 : 0.05) : 0.5;
        low -= tight || (fromZero && low == 0) ? 0 : pad;
        high += tight || (fromZero && high == 0) ? 0 : pad;
        return (axis.Min ?? low, axis.Max ?? high);
    }
}

/// <summary>A colour and its meaning.</summary>
/// <param name="Name">The words beside the swatch.</param>
/// <param name="Color">The swatch's colour.</param>
/// <param name="Shape">How the swatch is drawn.</param>
public sealed record LegendItem(string Name, SKColor Color, LegendShape Shape = LegendShape.Area)
{
    /// <summary>Whether a swatch that is a line is dashed.</summary>
    internal bool IsDashed { get; init; }

    /// <summary>The mark on top of the swatch, if any.</summary>
    internal MarkerShape? Marker { get; init; }
}

/// <summary>How a legend shows a colour.</summary>
public enum LegendShape
{
    Area,
    Outline,
    Line,
}
