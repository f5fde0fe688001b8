using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// A chart drawn by ScottPlot between a title, a legend and the axes' words in the embedded typeface.
/// </summary>
internal static class StaticChart
{
    private const float Edge = 10;

    public static void Draw(Chart chart, SKCanvas canvas, SKRect area)
    {
        FigureFont.Register();
        var frame = new ChartFrame(chart);
        float width = area.Width - (2 * Edge);
        float header = FigureCanvas.HeaderHeight(chart.Title, chart.Subtitle, width);
        FigureCanvas.Header(canvas, chart.Title, chart.Subtitle, area.Left + Edge, area.Top, width);
        FigureCanvas.Legend(canvas, frame.LegendItems, area.Left + Edge, area.Top + header, width);
        float top = area.Top + header + FigureCanvas.LegendHeight(frame.LegendItems, width);

        using var plot = new Plot();
        Style(plot, chart, frame, area.Width);
        bool linesInFront = ChartFrame.LinesInFront(chart);
        if (!linesInFront)
            AddLines(plot, chart, frame);
        foreach (Series series in chart.Series)
            Add(plot, chart, frame, series);
        if (linesInFront)
            AddLines(plot, chart, frame);
        AddLineLabels(plot, chart, frame);
        plot.Axes.SetLimitsX(frame.XLow, frame.XHigh);
        if (frame.YCategories is null)
            plot.Axes.SetLimitsY(frame.YLow, frame.YHigh);
        else
            plot.Axes.SetLimitsY(frame.YHigh, frame.YLow);
        // ScottPlot clears the canvas it draws on, to black, and paints the paper over it; the clip keeps what is
        // already there, and the paper reaches beyond it, else the edge's pixels would be half black.
        var rest = new SKRect(area.Left + 4, top, area.Right, area.Bottom);
        canvas.Save();
        canvas.ClipRect(rest);
        plot.Render(canvas, new PixelRect(rest.Left - 1, rest.Right + 1, rest.Bottom + 1, rest.Top - 1));
        canvas.Restore();
    }

    private static Color Paint(SKColor color, double opacity = 1) => Color.FromSKColor(color).WithAlpha(opacity);

    private static void Style(Plot plot, Chart chart, ChartFrame frame, float width)
    {
        plot.Font.Set(FigureFont.Name);
        plot.FigureBackground.Color = Paint(Palette.Paper);
        plot.DataBackground.Color = Paint(Palette.Paper);
        plot.Axes.Color(Paint(Palette.Ink));
        plot.Grid.MajorLineColor = Paint(Palette.Grid);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.MinimumSize = Edge;
        plot.Axes.Top.MinimumSize = Edge;
        Style(plot.Axes.Bottom, chart.X, frame.XCategories, frame.XLow, frame.XHigh, frame.XWhole);
        // Long names of rows break into lines, so that the plot keeps the greater part of the width.
        IReadOnlyList<string>? rows = frame.YCategories?
            .Select(name => string.Join('\n', FigureCanvas.Wrap(name, 0.22f * width, FigureCanvas.TextSize - 1)))
            .ToArray();
        Style(plot.Axes.Left, chart.Y, rows, frame.YLow, frame.YHigh, whole: false);
        plot.Grid.XAxisStyle.IsVisible = frame.XCategories is null;
        plot.Grid.YAxisStyle.IsVisible = frame.YCategories is null;
        if (frame.XCategories is { } names && names.Count > 0)
            FitCategories(plot.Axes.Bottom, names, (width - 80) / names.Count);
    }

    private static void Style(
        IAxis axis, Axis description, IReadOnlyList<string>? categories, double low, double high, bool whole)
    {
        axis.Label.Text = description.Title;
        axis.Label.Bold = false;
        axis.Label.FontSize = FigureCanvas.TextSize;
        axis.TickLabelStyle.FontSize = FigureCanvas.TextSize - 1;
        axis.TickLabelStyle.OffsetY = axis is IYAxis ? 2 : 0;
        axis.MinorTickStyle.Length = 0;
        double[] ticks = [.. ChartFrame.LogTicks(low, high).Where(_ => description.Log)];
        axis.TickGenerator = categories is not null ? new NumericManual(Positions(categories.Count), [.. categories])
            : description.Log ? new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(Chart.Number)])
            : new NumericAutomatic
            {
                IntegerTicksOnly = whole,
                LabelFormatter = value => ChartFrame.Text(value, "0.######"),
            };
    }

    private static double[] Positions(int count) => [.. Enumerable.Range(0, count).Select(i => (double)i)];

    /// <summary>
    /// Names wider than their slot break into lines; where a single word is too wide, all names turn.
    /// </summary>
    private static void FitCategories(IAxis axis, IReadOnlyList<string> names, float slot)
    {
        float size = axis.TickLabelStyle.FontSize;
        string[] wrapped = [.. names.Select(name => string.Join('\n', FigureCanvas.Wrap(name, slot - 4, size)))];
        float widest = wrapped.SelectMany(name => name.Split('\n')).Max(line => FigureCanvas.Width(line, size));
        if (widest <= slot)
        {
            axis.SetTicks(Positions(names.Count), wrapped);
            axis.MinimumSize = (wrapped.Max(name => name.Split('\n').Length) * size * 1.4f)
                + (axis.Label.Text.Length > 0 ? 26 : 10);
            return;
        }

        axis.TickLabelStyle.Rotation = -40;
        axis.TickLabelStyle.Alignment = Alignment.MiddleRight;
        axis.MinimumSize = (names.Max(name => FigureCanvas.Width(name, size)) * 0.66f)
            + (axis.Label.Text.Length > 0 ? 34 : 18);
    }

    private static void Add(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        switch (series.Kind)
        {
            case SeriesKind.Bar:
                AddBars(plot, frame, series);
                break;
            case SeriesKind.Interval:
                AddIntervals(plot, chart, frame, series);
                break;
            case SeriesKind.Histogram:
                AddHistogram(plot, frame, series);
                break;
            default:
                AddPoints(plot, chart, frame, series);
                break;
        }
    }

    private static void AddPoints(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        SKColor color = frame.Color(series);
        bool isLine = series.Kind == SeriesKind.Line;
        double[] xs = Places(chart.X, series.X), ys = Places(chart.Y, series.Y);
        if (series is { Low: { } low, High: { } high })
        {
            double[] lows = Places(chart.Y, low), highs = Places(chart.Y, high);
            int[] known = Finite(xs, ys, lows, highs);
            if (series.Spread == Spread.Band && known.Length > 1)
            {
                var band = plot.Add.FillY(At(known, xs), At(known, lows), At(known, highs));
                band.FillColor = Paint(color, 0.2);
                band.LineWidth = 0;
                band.MarkerSize = 0;
            }
            else
            {
                AddErrors(plot, xs, ys, lows, highs, color, 1.5f);
            }
        }

        int[] present = Finite(xs, ys);
        foreach (int[] run in isLine ? Runs(present) : [present])
        {
            if (isLine && series.Dash != Dash.Solid)
                plot.Add.Plottable(new DashedLine(At(run, xs), At(run, ys), series.Dash, color, 2));
            var points = plot.Add.Scatter(At(run, xs), At(run, ys), Paint(color));
            points.LineWidth = isLine && series.Dash == Dash.Solid ? 2 : 0;
            points.MarkerShape = frame.Shape(series).Shape();
            points.MarkerSize = ChartFrame.ShowsPoints(series) ? 7 : 0;
        }
    }

    private static void AddErrors(
        Plot plot, double[] xs, double[] ys, IReadOnlyList<double> lows, IReadOnlyList<double> highs, SKColor color,
        float width)
    {
        int[] known = Finite(xs, ys, lows, highs);
        if (known.Length == 0)
            return;
        var errors = plot.Add.ErrorBar(At(known, xs), At(known, ys), new double[known.Length]);
        errors.YErrorNegative = [.. known.Select(i => ys[i] - lows[i])];
        errors.YErrorPositive = [.. known.Select(i => highs[i] - ys[i])];
        errors.Color = Paint(color);
        errors.LineWidth = width;
    }

    private static double[] Places(Axis axis, IReadOnlyList<double> values) =>
        [.. values.Select(value => ChartFrame.Place(axis, value))];

    private static double[] At(int[] indices, double[] values) => [.. indices.Select(i => values[i])];

    /// <summary>Where all of these values are numbers.</summary>
    private static int[] Finite(params IReadOnlyList<double>[] columns) =>
        [.. Enumerable.Range(0, columns[0].Count).Where(i => columns.All(column => double.IsFinite(column[i])))];

    /// <summary>Indices cut into runs without a gap.</summary>
    private static IEnumerable<int[]> Runs(int[] indices) =>
        indices.Select((index, order) => (index, Key: index - order)).GroupBy(pair => pair.Key, pair => pair.index)
            .Select(run => run.ToArray());

    private static void AddBars(Plot plot, ChartFrame frame, Series series)
    {
        int[] known = Finite(series.Y);
        double[] xs = [.. series.Y.Select((_, i) => frame.BarPosition(series, i))];
        plot.Add.Bars(known.Select(i => new Bar
        {
            Position = xs[i],
            Value = series.Y[i],
            Size = frame.BarWidth * 0.92,
            FillColor = Paint(frame.Color(series)),
            LineWidth = 0,
        }).ToArray());
        if (series is { Low: { } low, High: { } high })
            AddErrors(plot, xs, [.. series.Y], low, high, Palette.Ink, 1.2f);
        if (series.ValueFormat is not { } format)
            return;
        foreach (int i in known)
        {
            double end = series.High?[i] is double top && double.IsFinite(top) ? top : series.Y[i];
            Words(
                plot, ChartFrame.Text(series.Y[i], format), xs[i], end,
                end < 0 ? Alignment.UpperCenter : Alignment.LowerCenter, Palette.Ink);
        }
    }

    private static void AddIntervals(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        SKColor color = frame.Color(series);
        double[] xs = Places(chart.X, [.. series.X.Select(frame.Shown)]);
        double[] lows = Places(chart.X, series.Low!), highs = Places(chart.X, series.High!);
        foreach (int i in Finite(xs))
        {
            double y = frame.IntervalPosition(series, i);
            bool beyond = frame.IsBeyond(series.X[i]), right = series.X[i] > frame.XHigh;
            if (double.IsFinite(lows[i]) && double.IsFinite(highs[i]))
            {
                var line = plot.Add.Line(lows[i], y, highs[i], y);
                line.LineColor = Paint(color);
                line.LineWidth = 2;
                line.MarkerSize = 0;
            }

            var point = plot.Add.Scatter(xs[i], y, Paint(color));
            point.MarkerShape = frame.Shape(series).Shape();
            point.MarkerSize = beyond ? 0 : 9;
            if (beyond)
                Words(plot, right ? "\u25b6" : "\u25c0", xs[i], y, Alignment.MiddleCenter, color);
            Alignment side = !beyond ? Alignment.LowerCenter : right ? Alignment.MiddleRight : Alignment.MiddleLeft;
            if (frame.ValueLabel(series, i) is { } label)
                Words(plot, label, xs[i], y, side, Palette.Ink);
        }
    }

    private static void AddHistogram(Plot plot, ChartFrame frame, Series series) =>
        plot.Add.Bars(series.X.Zip(series.Y, (x, count) => new Bar
        {
            Position = x,
            Value = count,
            Size = series.BinWidth,
            FillColor = Paint(frame.Color(series), frame.HistogramOpacity),
            LineColor = Paint(frame.Color(series)),
            LineWidth = 1,
        }).Where(bar => bar.Value > 0).ToArray());

    private static void AddLines(Plot plot, Chart chart, ChartFrame frame)
    {
        foreach (ReferenceLine line in chart.Lines)
        {
            double place = ChartFrame.Place(line.Vertical ? chart.X : chart.Y, line.Value);
            (double[] xs, double[] ys) = line.Vertical
                ? ((double[])[place, place], (double[])[frame.YLow, frame.YHigh])
                : ([frame.XLow, frame.XHigh], [place, place]);
            plot.Add.Plottable(new DashedLine(xs, ys, Dash.Dashed, ChartFrame.LineColor(chart), 1.3f));
        }
    }

    private static void AddLineLabels(Plot plot, Chart chart, ChartFrame frame)
    {
        double top = frame.YCategories is null ? frame.YHigh : frame.YLow;
        foreach ((ReferenceLine line, bool left, int row) in frame.LineLabels)
        {
            double place = ChartFrame.Place(line.Vertical ? chart.X : chart.Y, line.Value);
            (double x, double y) = line.Vertical ? (place, top) : (frame.XHigh, place);
            bool below = line.Vertical || frame.IsHigh(line);
            Alignment side = (below, left) switch
            {
                (true, true) => Alignment.UpperRight,
                (true, false) => Alignment.UpperLeft,
                _ => Alignment.LowerRight,
            };
            Words(plot, line.Label, x, y, side, Palette.Muted, row);
        }
    }

    private static void Words(
        Plot plot, string text, double x, double y, Alignment alignment, SKColor color, int row = 0)
    {
        var words = plot.Add.Text(text, x, y);
        words.LabelFontName = FigureFont.Name;
        words.LabelFontSize = FigureCanvas.TextSize - 1;
        words.LabelFontColor = Paint(color);
        words.LabelAlignment = alignment;
        // Paper behind the words keeps lines from striking them through.
        words.LabelBackgroundColor = Paint(Palette.Paper);
        words.LabelPadding = 2;
        (float x0, float y0) = (alignment.HorizontalFraction(), alignment.VerticalFraction());
        words.OffsetX = (1 - (2 * x0)) * (y0 == 0.5f ? 12 : 4);
        words.OffsetY = y0 == 0.5f ? 0 : y0 < 0.5f ? -6 : 3 + (row * FigureCanvas.TextSize * 1.5f);
    }
}
