using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>Charts side by side under one title.</summary>
/// <param name="Title">One line above all of them.</param>
public sealed record ChartGrid(string Title) : DrawnFigure(Title)
{
    public IReadOnlyList<Chart> Panels { get; init; } = [];

    /// <summary>How many charts stand in a row; at least 1.</summary>
    public int Columns { get; init; } = 2;

    /// <summary>The width of all columns together, in CSS pixels; each panel gets an equal share.</summary>
    public int Width { get; init; } = 960;

    internal override SKSizeI Size => new(Width, (int)Math.Ceiling(Header) + Rows.Sum(RowHeight));

    private float Header => FigureCanvas.HeaderHeight(Title, Subtitle, Width - 20);

    private Chart[][] Rows => [.. Panels.Select(panel => panel with { Width = Width / Columns }).Chunk(Columns)];

    public override string ToHtml() => PlotlyScript.Figure(
        ImageElement(), Panels.Select(panel => panel.ToPlotly()), Width, Columns, PlotlyChart.Heading(Title, Subtitle));

    internal override string Describe() => string.Join(" ", Panels.Select(panel => panel.Title + ": " + panel.Describe()));

    internal override void Draw(SKCanvas canvas)
    {
        FigureCanvas.Header(canvas, Title, Subtitle, 10, 0, Width - 20);
        float top = (int)Math.Ceiling(Header);
        foreach (Chart[] row in Rows)
        {
            for (int column = 0; column < row.Length; column++)
                StaticChart.Draw(row[column], canvas, SKRect.Create(column * (Width / Columns), top, Width / Columns, row[column].Height));
            top += RowHeight(row);
        }
    }

    private static int RowHeight(Chart[] row) => row.Max(panel => panel.Height);
}
