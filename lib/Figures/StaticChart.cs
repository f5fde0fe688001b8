using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// A chart drawn by ScottPlot between a title, a legend and the axes' words in the embedded typeface.
/// </summary>
internal sealed class StaticChart(Chart chart, ChartFrame frame, Plot plot, float width)
{
    private const float Edge = 10, TickSize = FigureCanvas.TextSize - 1;

    public static void Draw(Chart chart, SKCanvas canvas, SKRect area)
    {
        var frame = new ChartFrame(chart);
        float inner = area.Width - (2 * Edge);
        float top = area.Top, left = area.Left + Edge;
        top += FigureCanvas.Header(canvas, chart.Title, chart.Subtitle, left, top, inner);
        top += FigureCanvas.Legend(canvas, frame.LegendItems, left, top, inner);

        using var plot = new Plot();
        new StaticChart(chart, frame, plot, area.Width).Fill();
        // ScottPlot clears the canvas it draws on, to black, and paints the paper over it; the clip keeps what is
        // already there, and the paper reaches beyond it, else the edge's pixels would be half black.
        var rest = new SKRect(area.Left + 4, top, area.Right, area.Bottom);
        canvas.Save();
        canvas.ClipRect(rest);
        plot.Render(canvas, new PixelRect(rest.Left - 1, rest.Right + 1, rest.Bottom + 1, rest.Top - 1));
        canvas.Restore();
    }

    private void Fill()
    {
        Style();
        if (!frame.LinesInFront)
            AddLines();
        foreach (Series series in chart.Series)
        {
            if (series.Kind == SeriesKind.Line)
                AddLine(series);
            else if (series.Kind == SeriesKind.Interval)
                AddIntervals(series);
            else
                AddBars(series);
        }

        if (frame.LinesInFront)
            AddLines();
        AddLineLabels();
        plot.Axes.SetLimitsX(frame.XLow, frame.XHigh);
        if (frame.YCategories is null)
            plot.Axes.SetLimitsY(frame.YLow, frame.YHigh);
        else
            plot.Axes.SetLimitsY(frame.YHigh, frame.YLow);
    }

    private static Color Paint(SKColor color, double opacity = 1) => Color.FromSKColor(color).WithAlpha(opacity);

    private void Style()
    {
        plot.Font.Set(FigureFont.Name);
        plot.FigureBackground.Color = Paint(Palette.Paper);
        plot.DataBackground.Color = Paint(Palette.Paper);
        plot.Axes.Color(Paint(Palette.Ink));
        plot.Grid.MajorLineColor = Paint(Palette.Grid);
        foreach (IAxis side in new IAxis[] { plot.Axes.Right, plot.Axes.Top })
        {
            side.FrameLineStyle.IsVisible = false;
            side.MinimumSize = Edge;
        }

        Style(plot.Axes.Bottom, chart.X, frame.XCategories);
        // Long names of rows break into lines, so that the plot keeps the greater part of the width.
        Style(plot.Axes.Left, chart.Y, frame.YCategories is null ? null : Wrapped(frame.YCategories, 0.22f * width));
        plot.Grid.XAxisStyle.IsVisible = frame.XCategories is null;
        plot.Grid.YAxisStyle.IsVisible = frame.YCategories is null;
        if (frame.XCategories is { Count: > 0 } names)
            FitCategories(plot.Axes.Bottom, names, (width - 80) / names.Count);
    }

    private void Style(IAxis axis, Axis description, IReadOnlyList<string>? categories)
    {
        axis.Label.Text = description.Title;
        axis.Label.Bold = false;
        axis.Label.FontSize = FigureCanvas.TextSize;
        axis.TickLabelStyle.FontSize = TickSize;
        axis.TickLabelStyle.OffsetY = axis is IYAxis ? 2 : 0;
        axis.MinorTickStyle.Length = 0;
        axis.TickGenerator = categories is not null
            ? new NumericManual([.. Series.Positions(categories.Count)], [.. categories])
            : new NumericAutomatic
            {
                IntegerTicksOnly = axis is IXAxis && frame.XWhole,
                LabelFormatter = value => ChartFrame.Text(value, "0.######"),
            };
    }

    private static string[] Wrapped(IReadOnlyList<string> names, float room) =>
        [.. names.Select(name => string.Join('\n', FigureCanvas.Wrap(name, room, TickSize)))];

    /// <summary>
    /// Names wider than their slot break into lines; where a single word is too wide, all names turn.
    /// </summary>
    private static void FitCategories(IAxis axis, IReadOnlyList<string> names, float slot)
    {
        bool hasTitle = axis.Label.Text.Length > 0;
        string[] wrapped = Wrapped(names, slot - 4);
        if (wrapped.SelectMany(name => name.Split('\n')).Max(line => FigureCanvas.Width(line, TickSize)) <= slot)
        {
            axis.SetTicks([.. Series.Positions(names.Count)], wrapped);
            int lines = wrapped.Max(name => name.Split('\n').Length);
            axis.MinimumSize = (lines * TickSize * 1.4f) + (hasTitle ? 26 : 10);
            return;
        }

        axis.TickLabelStyle.Rotation = -40;
        axis.TickLabelStyle.Alignment = Alignment.MiddleRight;
        axis.MinimumSize = (names.Max(name => FigureCanvas.Width(name, TickSize)) * 0.66f) + (hasTitle ? 34 : 18);
    }

    private void AddLine(Series series)
    {
        SKColor color = frame.Color(series);
        foreach (int[] run in Runs(Finite(series.X, series.Y)))
        {
            (double[] xs, double[] ys) = ([.. run.Select(i => series.X[i])], [.. run.Select(i => series.Y[i])]);
            if (series.IsDashed)
                plot.Add.Plottable(new DashedLine(xs, ys, color, 2));
            var points = plot.Add.Scatter(xs, ys, Paint(color));
            points.LineWidth = series.IsDashed ? 0 : 2;
            points.MarkerShape = frame.Shape(series).Shape;
            points.MarkerSize = ChartFrame.ShowsPoints(series) ? 7 : 0;
        }
    }

    /// <summary>Where all of these values are numbers.</summary>
    private static IEnumerable<int> Finite(params IReadOnlyList<double>[] columns) =>
        Enumerable.Range(0, columns[0].Count).Where(i => columns.All(column => double.IsFinite(column[i])));

    /// <summary>Indices cut into runs without a gap.</summary>
    private static IEnumerable<int[]> Runs(IEnumerable<int> indices) =>
        indices.Select((index, order) => (index, Key: index - order)).GroupBy(pair => pair.Key, pair => pair.index)
            .Select(run => run.ToArray());

    /// <summary>Bars at their categories, and the counts of a histogram at their bins.</summary>
    private void AddBars(Series series)
    {
        bool isHistogram = series.Kind == SeriesKind.Histogram;
        int[] known = [.. Finite(series.Y).Where(i => !isHistogram || series.Y[i] > 0)];
        double[] xs = [.. series.X.Select((x, i) => isHistogram ? x : frame.BarPosition(series, i))];
        plot.Add.Bars(known.Select(i => new Bar
        {
            Position = xs[i],
            Value = series.Y[i],
            Size = isHistogram ? series.BinWidth : frame.BarWidth * 0.92,
            FillColor = Paint(frame.Color(series), isHistogram ? 0.85 : 1),
            LineColor = Paint(frame.Color(series)),
            LineWidth = isHistogram ? 1 : 0,
        }).ToArray());
        int[] ends = series.Low is null ? [] : [.. Finite(xs, series.Y, series.Low, series.High!)];
        if (ends.Length > 0)
        {
            double[] ys = [.. ends.Select(i => series.Y[i])];
            var errors = plot.Add.ErrorBar([.. ends.Select(i => xs[i])], ys, new double[ends.Length]);
            errors.YErrorNegative = [.. ends.Select(i => series.Y[i] - series.Low![i])];
            errors.YErrorPositive = [.. ends.Select(i => series.High![i] - series.Y[i])];
            errors.Color = Paint(Palette.Ink);
            errors.LineWidth = 1.2f;
        }

        foreach (int i in series.ValueFormat is null ? [] : known)
        {
            double end = series.High?[i] is double top && double.IsFinite(top) ? top : series.Y[i];
            Words(
                ChartFrame.Text(series.Y[i], series.ValueFormat!), xs[i], end,
                end < 0 ? Alignment.UpperCenter : Alignment.LowerCenter, Palette.Ink);
        }
    }

    private void AddIntervals(Series series)
    {
        SKColor color = frame.Color(series);
        foreach (int i in Finite(series.X))
        {
            (double x, double y) = (frame.Shown(series.X[i]), frame.IntervalPosition(series, i));
            bool beyond = frame.IsBeyond(series.X[i]), right = series.X[i] > frame.XHigh;
            if (double.IsFinite(series.Low![i]) && double.IsFinite(series.High![i]))
            {
                var line = plot.Add.Line(series.Low[i], y, series.High[i], y);
                line.LineColor = Paint(color);
                line.LineWidth = 2;
                line.MarkerSize = 0;
            }

            var point = plot.Add.Scatter(x, y, Paint(color));
            point.MarkerShape = frame.Shape(series).Shape;
            point.MarkerSize = beyond ? 0 : 9;
            if (beyond)
                Words(right ? "\u25b6" : "\u25c0", x, y, Alignment.MiddleCenter, color);
            Alignment side = !beyond ? Alignment.LowerCenter : right ? Alignment.MiddleRight : Alignment.MiddleLeft;
            if (frame.ValueLabel(series, i) is { } label)
                Words(label, x, y, side, Palette.Ink);
        }
    }

    private void AddLines()
    {
        foreach (ReferenceLine line in chart.Lines)
        {
            (double[] xs, double[] ys) = line.Vertical
                ? ((double[])[line.Value, line.Value], (double[])[frame.YLow, frame.YHigh])
                : ([frame.XLow, frame.XHigh], [line.Value, line.Value]);
            plot.Add.Plottable(new DashedLine(xs, ys, frame.LineColor, 1.3f));
        }
    }

    private void AddLineLabels()
    {
        double top = frame.YCategories is null ? frame.YHigh : frame.YLow;
        foreach ((ReferenceLine line, bool left, int row) in frame.LineLabels)
        {
            (double x, double y) = line.Vertical ? (line.Value, top) : (frame.XHigh, line.Value);
            Alignment side = !line.Vertical && !frame.IsHigh(line) ? Alignment.LowerRight
                : left ? Alignment.UpperRight : Alignment.UpperLeft;
            Words(line.Label, x, y, side, Palette.Muted, row);
        }
    }

    private void Words(string text, double x, double y, Alignment alignment, SKColor color, int row = 0)
    {
        var words = plot.Add.Text(text, x, y);
        words.LabelFontName = FigureFont.Name;
        words.LabelFontSize = TickSize;
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

/// <summary>
/// A dashed line inside a ScottPlot plot, drawn by <see cref="FigureCanvas.Dashes"/>.
/// </summary>
internal sealed class DashedLine(double[] xs, double[] ys, SKColor color, float width) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<ScottPlot.LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

    public void Render(RenderPack rp) => FigureCanvas.Dashes(
        rp.Canvas, [.. xs.Zip(ys, (x, y) => Axes.GetPixel(new Coordinates(x, y)).ToSKPoint())], color, width);
}
