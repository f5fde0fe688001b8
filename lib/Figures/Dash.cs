using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A line's pattern; tells series apart where colour does not.</summary>
public enum Dash
{
    Solid,
    Dashed,
    Dotted,
}

/// <summary>The pattern on a canvas.</summary>
internal static class DashStyles
{
    /// <summary>
    /// Draws a line with the pattern. Its dashes are drawn as filled shapes, because Skia's SVG output knows no
    /// patterns: it draws a solid line and complains on the error stream.
    /// </summary>
    public static void Stroke(this Dash dash, SKCanvas canvas, SKPath path, SKColor color, float width)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true, IsStroke = true, StrokeWidth = width, StrokeJoin = SKStrokeJoin.Round };
        if (dash == Dash.Solid)
        {
            canvas.DrawPath(path, paint);
            return;
        }

        using var pattern = SKPathEffect.CreateDash(dash == Dash.Dashed ? [6, 4] : [2, 3], 0);
        paint.PathEffect = pattern;
        using SKPath dashes = paint.GetFillPath(path);
        paint.PathEffect = null;
        paint.IsStroke = false;
        canvas.DrawPath(dashes, paint);
    }
}
