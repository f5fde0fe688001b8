using System.Globalization;
using Plotly.NET;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// One description of a chart, drawn twice from the same numbers and colours: by Plotly where scripts run, and as a
/// static picture everywhere else.
/// </summary>
/// <param name="Title">One line above the chart.</param>
public sealed record Chart(string Title) : DrawnFigure(Title)
{
    /// <summary>The horizontal axis.</summary>
    public Axis X { get; init; } = new();

    /// <summary>The vertical axis.</summary>
    public Axis Y { get; init; } = new();

    public IReadOnlyList<Series> Series { get; init; } = [];

    public IReadOnlyList<ReferenceLine> Lines { get; init; } = [];

    /// <summary>In CSS pixels.</summary>
    public int Width { get; init; } = 720;

    /// <summary>In CSS pixels, legend and title included.</summary>
    public int Height { get; init; } = 420;

    internal override SKSizeI Size => new(Width, Height);

    /// <summary>
    /// The chart as a Plotly.NET chart, to go on with its <c>With…</c> functions. It has the same content, but leaves
    /// fonts and the place of the words to Plotly.
    /// </summary>
    public GenericChart ToPlotly() => PlotlyChart.Make(this);

    /// <summary>The static picture, which a script replaces by the interactive plot where one can run.</summary>
    public override string ToHtml() => PlotlyScript.Figure(ImageElement(), [ToPlotly()], Width);

    internal override void Draw(SKCanvas canvas) => StaticChart.Draw(this, canvas, SKRect.Create(Width, Height));

    internal override string Describe()
    {
        string axes = string.Join(" against ", new[] { Y.Title, X.Title }.Where(title => title.Length > 0));
        return string.Join(" ", Series.Select(Describe).Prepend(axes.Length > 0 ? axes + "." : "")).Trim();
    }

    private string Describe(Series series)
    {
        string name = $"{series.Kind} {(series.Name.Length > 0 ? series.Name : "unnamed")}";
        (int Place, double Value)[] known = [.. series.Values.Index().Where(v => double.IsFinite(v.Item))];
        if (known.Length == 0)
            return $"{name}: no values.";
        if (series.Kind is SeriesKind.Bar or SeriesKind.Interval && known.Length <= 12)
            return $"{name}: "
                + $"{string.Join(", ", known.Select(v => $"{CategoryOf(series, v.Place)} {Number(v.Value)}"))}.";
        string last = series.Kind == SeriesKind.Line ? $", the last {Number(known[^1].Value)}" : "";
        (string low, string high) = (Number(known.Min(v => v.Value)), Number(known.Max(v => v.Value)));
        return $"{name}: {known.Length} values from {low} to {high}{last}.";
    }

    /// <summary>The words for the i-th value's place on the axis of categories.</summary>
    internal string CategoryOf(Series series, int i) =>
        (series.Kind == SeriesKind.Interval ? Y : X).Categories?.ElementAtOrDefault(i)
            ?? (i + 1).ToString(CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

/// <summary>One axis of a chart.</summary>
/// <param name="Title">What it measures, with its unit.</param>
public sealed record Axis(string Title = "")
{
    /// <summary>The low end; null takes it from the data.</summary>
    public double? Min { get; init; }

    /// <summary>The high end; null takes it from the data.</summary>
    public double? Max { get; init; }

    /// <summary>Names for the positions 0, 1, 2, …; null is a number axis.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}

/// <summary>A dashed line across the chart: a paper's number, zero, a chosen threshold.</summary>
/// <param name="Value">Its place on its axis.</param>
/// <param name="Label">Words at its end.</param>
/// <param name="Vertical">Whether it marks a value of the horizontal axis.</param>
public sealed record ReferenceLine(double Value, string Label = "", bool Vertical = false);

/// <summary>Charts side by side, two in a row, under one title.</summary>
/// <param name="Title">One line above all of them.</param>
public sealed record ChartGrid(string Title) : DrawnFigure(Title)
{
    private const int Columns = 2, Width = 960;

    public IReadOnlyList<Chart> Panels { get; init; } = [];

    internal override SKSizeI Size
    {
        get
        {
            using var nothing = new SKNoDrawCanvas(1, 1);
            return new SKSizeI(Width, Header(nothing) + Rows.Sum(RowHeight));
        }
    }

    private IEnumerable<Chart[]> Rows => Panels.Select(panel => panel with { Width = Width / Columns }).Chunk(Columns);

    public override string ToHtml() => PlotlyScript.Figure(
        ImageElement(), Panels.Select(panel => panel.ToPlotly()), Width, Columns, PlotlyChart.Heading(Title, Subtitle));

    internal override string Describe() =>
        string.Join(" ", Panels.Select(panel => panel.Title + ": " + panel.Describe()));

    internal override void Draw(SKCanvas canvas)
    {
        float top = Header(canvas);
        foreach (Chart[] row in Rows)
        {
            foreach ((int column, Chart panel) in row.Index())
                StaticChart.Draw(panel, canvas, SKRect.Create(column * panel.Width, top, panel.Width, panel.Height));
            top += RowHeight(row);
        }
    }

    private int Header(SKCanvas canvas) =>
        (int)Math.Ceiling(FigureCanvas.Header(canvas, Title, Subtitle, 10, 0, Width - 20));

    private static int RowHeight(Chart[] row) => row.Max(panel => panel.Height);
}
