using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>Boxes and arrows.</summary>
/// <param name="Title">One line above the drawing.</param>
public sealed record Diagram(string Title) : DrawnFigure(Title)
{
    private const float TextSize = 11;

    public IReadOnlyList<DiagramBox> Boxes { get; init; } = [];

    public IReadOnlyList<DiagramArrow> Arrows { get; init; } = [];

    public IReadOnlyList<DiagramLabel> Labels { get; init; } = [];

    /// <summary>In CSS pixels.</summary>
    public int Width { get; init; } = 960;

    /// <summary>In CSS pixels, without the title.</summary>
    public int Height { get; init; } = 480;

    internal override SKSizeI Size => new(Width, Height + (int)Math.Ceiling(Header));

    private float Header => FigureCanvas.HeaderHeight(Title, Subtitle, Width - 20);

    internal override string Describe() =>
        $"{Boxes.Count} boxes: {string.Join("; ", Boxes.Select(box => box.Text.Replace('\n', ' ')))}. {Arrows.Count} arrows between them.";

    internal override void Draw(SKCanvas canvas)
    {
        FigureCanvas.Header(canvas, Title, Subtitle, 10, 0, Width - 20);
        canvas.Save();
        canvas.Translate(0, (int)Math.Ceiling(Header));
        foreach (DiagramArrow arrow in Arrows)
            Draw(canvas, arrow);
        foreach (DiagramBox box in Boxes)
            Draw(canvas, box);
        foreach (DiagramLabel label in Labels)
            FigureCanvas.Lines(canvas, label.Text.Split('\n'), label.X, label.Y, TextSize, label.Bold, label.Color);
        canvas.Restore();
    }

    private static void Draw(SKCanvas canvas, DiagramBox box)
    {
        byte Tint(byte part) => (byte)(255 - ((255 - part) * 0.16));
        using var fill = new SKPaint { Color = new(Tint(box.Color.Red), Tint(box.Color.Green), Tint(box.Color.Blue)), IsAntialias = true };
        using var frame = new SKPaint { Color = box.Color, IsAntialias = true, IsStroke = true, StrokeWidth = 1.6f };
        foreach (SKPaint paint in new[] { fill, frame })
        {
            if (box.Round)
                canvas.DrawOval(box.Bounds, paint);
            else
                canvas.DrawRoundRect(box.Bounds, 5, 5, paint);
        }

        FigureCanvas.Lines(canvas, FigureCanvas.Wrap(box.Text, box.Width - 8, TextSize), box.X, box.Y, TextSize);
    }

    private void Draw(SKCanvas canvas, DiagramArrow arrow)
    {
        SKPoint[] points = [End(Find(arrow.From), arrow.FromSide), .. arrow.Via.Select(via => new SKPoint(via.X, via.Y)), End(Find(arrow.To), arrow.ToSide)];
        using (var path = new SKPath())
        {
            path.AddPoly(points, close: false);
            arrow.Dash.Stroke(canvas, path, arrow.Color, 1.5f);
        }

        using var paint = new SKPaint { Color = arrow.Color, IsAntialias = true };
        Head(canvas, points[^2], points[^1], paint);
        if (arrow.Both)
            Head(canvas, points[1], points[0], paint);
    }

    private static void Head(SKCanvas canvas, SKPoint from, SKPoint tip, SKPaint paint)
    {
        const float length = 8;
        var along = SKPoint.Normalize(tip - from);
        var back = new SKPoint(tip.X - (along.X * length), tip.Y - (along.Y * length));
        var across = new SKPoint(-along.Y * length * 0.45f, along.X * length * 0.45f);
        using var path = new SKPath();
        path.AddPoly([tip, back + across, back - across]);
        canvas.DrawPath(path, paint);
    }

    private static SKPoint End(DiagramBox box, DiagramSide side) => side switch
    {
        DiagramSide.Left => new(box.Bounds.Left, box.Y),
        DiagramSide.Right => new(box.Bounds.Right, box.Y),
        DiagramSide.Top => new(box.X, box.Bounds.Top),
        _ => new(box.X, box.Bounds.Bottom),
    };

    private DiagramBox Find(string id) => Boxes.FirstOrDefault(box => box.Id == id)
        ?? throw new ArgumentException($"Diagram \"{Title}\" has an arrow to a box \"{id}\" that is not there.");
}
