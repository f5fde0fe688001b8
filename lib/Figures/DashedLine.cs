using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A line with a pattern inside a ScottPlot plot, drawn as <see cref="DashStyles.Stroke"/> says and why.</summary>
internal sealed class DashedLine(double[] xs, double[] ys, Dash dash, SKColor color, float width) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<ScottPlot.LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

    public void Render(RenderPack rp)
    {
        SKPoint[] points = [.. xs.Zip(ys, (x, y) => Axes.GetPixel(new Coordinates(x, y)).ToSKPoint())];
        using var path = new SKPath();
        path.AddPoly(points, close: false);
        dash.Stroke(rp.Canvas, path, color, width);
    }
}
