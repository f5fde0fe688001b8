using System.Globalization;
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
        if (!ChartFrame.LinesInFront(chart))
            AddLines(plot, chart, frame);
        foreach (Series series in chart.Series)
            Add(plot, chart, frame, series);
        if (ChartFrame.LinesInFront(chart))
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
        axis.TickGenerator = categories is not null
            ? new NumericManual([.. Enumerable.Range(0, categories.Count).Select(i => (double)i)], [.. categories])
            : description.Log
                ? LogTicks(low, high)
                : new NumericAutomatic
                {
                    IntegerTicksOnly = whole,
                    LabelFormatter = value => value.ToString("0.######", CultureInfo.InvariantCulture),
                };
    }

    private static NumericManual LogTicks(double low, double high)
    {
        double[] ticks = [.. ChartFrame.LogTicks(low, high)];
        return new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(Chart.Number)]);
    }

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
            axis.SetTicks([.. Enumerable.Range(0, names.Count).Select(i => (double)i)], wrapped);
            axis.MinimumSize = (wrapped.Max(name => name.Split('\n').Length) * size * 1.4f) + (
                axis.Label.Text.Length > 0 ? 26 : 10);
            return;
        }

        axis.TickLabelStyle.Rotation = -40;
        axis.TickLabelStyle.Alignment = Alignment.MiddleRight;
        axis.MinimumSize = (names.Max(name => FigureCanvas.Width(name, size)) * 0.66f) + (
            axis.Label.Text.Length > 0 ? 34 : 18);
    }

    private static void Add(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        switch (series.Kind)
        {
            case SeriesKind.Line:
            case SeriesKind.Scatter:
                AddPoints(plot, chart, frame, series);
                break;
            case SeriesKind.Bar:
                AddBars(plot, frame, series);
                break;
            case SeriesKind.Interval:
                AddIntervals(plot, chart, frame, series);
                break;
            case SeriesKind.Histogram:
                AddHistogram(plot, frame, series);
                break;
        }
    }

    private static void AddPoints(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        Color color = Paint(frame.Color(series));
        double[] xs = [.. series.X.Select(x => ChartFrame.Place(chart.X, x))];
        double[] ys = [.. series.Y.Select(y => ChartFrame.Place(chart.Y, y))];
        int[] present = [
            .. Enumerable.Range(0, xs.Length).Where(i => double.IsFinite(xs[i]) && double.IsFinite(ys[i]))];
        if (series is { Low: { } low, High: { } high })
        {
            double[] lows = [.. low.Select(v => ChartFrame.Place(chart.Y, v))];
            double[] highs = [.. high.Select(v => ChartFrame.Place(chart.Y, v))];
            int[] known = [.. present.Where(i => double.IsFinite(lows[i]) && double.IsFinite(highs[i]))];
            if (series.Spread == Spread.Band && known.Length > 1)
            {
                var band = plot.Add.FillY(
                    [.. known.Select(i => xs[i])], [.. known.Select(i => lows[i])], [.. known.Select(i => highs[i])]);
                band.FillColor = color.WithAlpha(0.2);
                band.LineWidth = 0;
                band.MarkerSize = 0;
            }
            else if (known.Length > 0)
            {
                var bars = plot.Add.ErrorBar(
                    [.. known.Select(i => xs[i])], [.. known.Select(i => ys[i])], new double[known.Length]);
                bars.YErrorNegative = [.. known.Select(i => ys[i] - lows[i])];
                bars.YErrorPositive = [.. known.Select(i => highs[i] - ys[i])];
                bars.Color = color;
                bars.LineWidth = 1.5f;
            }
        }

        foreach (int[] run in series.Kind == SeriesKind.Line ? Runs(present) : [present])
        {
            if (series.Kind == SeriesKind.Line && series.Dash != Dash.Solid)
                plot.Add.Plottable(
                    new DashedLine(
                        [.. run.Select(i => xs[i])], [.. run.Select(i => ys[i])], series.Dash, frame.Color(series), 2));
            var points = plot.Add.Scatter(run.Select(i => xs[i]).ToArray(), run.Select(i => ys[i]).ToArray(), color);
            points.LineWidth = series.Kind == SeriesKind.Line && series.Dash == Dash.Solid ? 2 : 0;
            points.MarkerShape = frame.Shape(series).Shape();
            points.MarkerSize = ChartFrame.ShowsPoints(series) ? 7 : 0;
        }
    }

    /// <summary>Indices cut into runs without a gap.</summary>
    private static IEnumerable<int[]> Runs(int[] indices) =>
        indices.Select((index, order) => (index, Key: index - order)).GroupBy(pair => pair.Key, pair => pair.index)
            .Select(run => run.ToArray());

    private static void AddBars(Plot plot, ChartFrame frame, Series series)
    {
        var bars = new List<Bar>();
        for (int i = 0; i < series.Y.Count; i++)
        {
            if (double.IsFinite(series.Y[i]))
            {
                bars.Add(new Bar
                {
                    Position = frame.BarPosition(series, i),
                    Value = series.Y[i],
                    Size = frame.BarWidth * 0.92,
                    FillColor = Paint(frame.Color(series)),
                    LineWidth = 0,
                });
            }
        }

        plot.Add.Bars(bars);
        for (int i = 0; i < series.Y.Count; i++)
        {
            double x = frame.BarPosition(series, i);
            double end = series.Y[i];
            if (series is { Low: { } low, High: { } high } && double.IsFinite(low[i]) && double.IsFinite(high[i]))
            {
                var error = plot.Add.ErrorBar([x], [series.Y[i]], [0]);
                error.YErrorNegative = [series.Y[i] - low[i]];
                error.YErrorPositive = [high[i] - series.Y[i]];
                error.Color = Paint(Palette.Ink);
                error.LineWidth = 1.2f;
                end = high[i];
            }

            if (series.ValueFormat is { } format && double.IsFinite(series.Y[i]))
                Words(
                    plot, series.Y[i].ToString(format, CultureInfo.InvariantCulture), x, end,
                    end < 0 ? Alignment.UpperCenter : Alignment.LowerCenter, Palette.Ink);
        }
    }

    private static void AddIntervals(Plot plot, Chart chart, ChartFrame frame, Series series)
    {
        Color color = Paint(frame.Color(series));
        for (int i = 0; i < series.X.Count; i++)
        {
            double x = ChartFrame.Place(chart.X, frame.Shown(series.X[i]));
            double y = frame.IntervalPosition(series, i);
            if (!double.IsFinite(x))
                continue;
            bool beyond = frame.IsBeyond(series.X[i]);
            bool right = series.X[i] > frame.XHigh;
            double low = ChartFrame.Place(chart.X, series.Low![i]);
            double high = ChartFrame.Place(chart.X, series.High![i]);
            if (double.IsFinite(low) && double.IsFinite(high))
            {
                var line = plot.Add.Line(low, y, high, y);
                line.LineColor = color;
                line.LineWidth = 2;
                line.MarkerSize = 0;
            }

            var point = plot.Add.Scatter(x, y, color);
            point.MarkerShape = frame.Shape(series).Shape();
            point.MarkerSize = beyond ? 0 : 9;
            if (beyond)
                Words(plot, right ? "\u25b6" : "\u25c0", x, y, Alignment.MiddleCenter, frame.Color(series));
            if (frame.ValueLabel(series, i) is { } label)
                Words(
                    plot, label, x, y,
                    beyond ? right ? Alignment.MiddleRight : Alignment.MiddleLeft : Alignment.LowerCenter, Palette.Ink);
        }
    }

    private static void AddHistogram(Plot plot, ChartFrame frame, Series series)
    {
        double opacity = frame.LegendItems.Count > 1 ? 0.55 : 0.85;
        Bar[] bars = [.. series.X.Zip(series.Y, (x, count) => new Bar
        {
            Position = x,
            Value = count,
            Size = series.BinWidth,
            FillColor = Paint(frame.Color(series), opacity),
            LineColor = Paint(frame.Color(series)),
            LineWidth = 1,
        }).Where(bar => bar.Value > 0)];
        plot.Add.Bars(bars);
    }

    private static void AddLines(Plot plot, Chart chart, ChartFrame frame)
    {
        foreach (ReferenceLine line in chart.Lines)
        {
            double place = ChartFrame.Place(line.Vertical ? chart.X : chart.Y, line.Value);
            (double[] xs, double[] ys) = line.Vertical
                ? ([place, place], [frame.YLow, frame.YHigh])
                : (new[] { frame.XLow, frame.XHigh }, new[] { place, place });
            plot.Add.Plottable(new DashedLine(xs, ys, Dash.Dashed, ChartFrame.LineColor(chart), 1.3f));
        }
    }

    private static void AddLineLabels(Plot plot, Chart chart, ChartFrame frame)
    {
        double top = frame.YCategories is null ? frame.YHigh : frame.YLow;
        foreach ((ReferenceLine line, bool left, int row) in frame.LineLabels)
        {
            double place = ChartFrame.Place(line.Vertical ? chart.X : chart.Y, line.Value);
            if (line.Vertical)
                Words(
                    plot, line.Label, place, top, left ? Alignment.UpperRight : Alignment.UpperLeft, Palette.Muted,
                    row);
            else
                Words(
                    plot, line.Label, frame.XHigh, place,
                    frame.IsHigh(line) ? Alignment.UpperRight : Alignment.LowerRight, Palette.Muted);
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
        words.OffsetX = alignment switch
        {
            Alignment.UpperRight or Alignment.LowerRight => -4,
            Alignment.UpperLeft or Alignment.LowerLeft => 4,
            Alignment.MiddleRight => -12,
            Alignment.MiddleLeft => 12,
            _ => 0,
        };
        words.OffsetY = alignment switch
        {
            Alignment.UpperRight or Alignment.UpperLeft or Alignment.UpperCenter =>
                3 + (row * FigureCanvas.TextSize * 1.5f),
            Alignment.MiddleRight or Alignment.MiddleLeft or Alignment.MiddleCenter => 0,
            _ => -6,
        };
    }
}
