using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A point's shape; tells series apart where colour does not.</summary>
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
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        float half = size / 2;
        switch (marker)
        {
            case Marker.Circle:
                canvas.DrawCircle(x, y, half, paint);
                break;
            case Marker.Square:
                canvas.DrawRect(x - half, y - half, size, size, paint);
                break;
            default:
                using (var path = new SKPath())
                {
                    SKPoint[] corners = marker == Marker.Diamond
                        ? [new(x, y - half), new(x + half, y), new(x, y + half), new(x - half, y)]
                        : [new(x, y - half), new(x + half, y + half), new(x - half, y + half)];
                    path.AddPoly(corners);
                    canvas.DrawPath(path, paint);
                }

                break;
        }
    }
}
