using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// What all drawings share: text in the embedded typeface, the title block, legends, and the encoders.
/// </summary>
internal static class FigureCanvas
{
    public const float TitleSize = 15, TextSize = 12;
    private const float SwatchWidth = 20;

    // Drawings are flat: filters gain nothing there, and the last levels of compression cost three times the time.
    public static byte[] Png(SKSizeI size, double scale, Action<SKCanvas> draw) =>
        Encoded(
            size, scale, draw, pixels => pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, 6)));

    /// <summary>For pictures with grain, which a lossless file holds badly: a quarter of the PNG.</summary>
    public static byte[] Webp(SKSizeI size, double scale, Action<SKCanvas> draw) =>
        Encoded(
            size, scale, draw, pixels => pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 80)));

    /// <summary>
    /// For flat drawings inside HTML: exact but for the colours, of which each channel has 32 levels. The eye sees no
    /// difference, and charts are about half as large as with 256.
    /// </summary>
    public static byte[] FlatWebp(SKSizeI size, double scale, Action<SKCanvas> draw) =>
        Encoded(size, scale, draw, pixels =>
        {
            Span<byte> channels = pixels.GetPixelSpan<byte>(); // alpha is 255 and stays so
            for (int i = 0; i < channels.Length; i++)
                channels[i] = (byte)((((channels[i] * 31) + 127) / 255) * 255 / 31);
            return pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));
        });

    public static SKFont Font(float size, bool bold = false) => new(bold ? FigureFont.Bold : FigureFont.Regular, size)
    { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };

    public static float Width(string text, float size = TextSize)
    {
        using SKFont font = Font(size);
        return font.MeasureText(text);
    }

    /// <summary>One line of text, its middle height at <paramref name="y"/>.</summary>
    public static void Text(
        SKCanvas canvas, string text, float x, float y, float size = TextSize, bool bold = false, SKColor? color = null,
        SKTextAlign align = SKTextAlign.Left)
    {
        if (text.Length == 0)
            return;
        using SKFont font = Font(size, bold);
        using var paint = new SKPaint { Color = color ?? Palette.Ink, IsAntialias = true };
        canvas.DrawText(text, x, y + (size * 0.36f), align, font, paint);
    }

    /// <summary>Lines of text centred about <paramref name="y"/>.</summary>
    public static void Lines(
        SKCanvas canvas, IReadOnlyList<string> lines, float x, float y, float size = TextSize,
        SKTextAlign align = SKTextAlign.Center)
    {
        for (int i = 0; i < lines.Count; i++)
            Text(canvas, lines[i], x, y + ((i - ((lines.Count - 1) / 2f)) * size * 1.3f), size, align: align);
    }

    /// <summary>
    /// Text broken between words into lines no wider than <paramref name="width"/>; a longer word stays whole.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, float width, float size = TextSize, bool bold = false)
    {
        using SKFont font = Font(size, bold);
        var lines = new List<string>();
        foreach (string paragraph in text.Split('\n'))
        {
            int first = lines.Count;
            foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (lines.Count > first && font.MeasureText($"{lines[^1]} {word}") <= width)
                    lines[^1] += " " + word;
                else
                    lines.Add(word);
            }
        }

        return lines;
    }

    /// <summary>
    /// Text broken into as few lines as the width allows, then as even as they can be: no last line of one word.
    /// </summary>
    public static IReadOnlyList<string> WrapEvenly(string text, float width, float size = TextSize, bool bold = false)
    {
        IReadOnlyList<string> lines = Wrap(text, width, size, bold);
        for (float narrower = width - 10; lines.Count > 1 && narrower > width / 2; narrower -= 10)
        {
            IReadOnlyList<string> even = Wrap(text, narrower, size, bold);
            if (even.Count > lines.Count)
                break;
            lines = even;
        }

        return lines;
    }

    /// <summary>Title in bold, subtitle in grey, left-aligned from the top.</summary>
    /// <returns>The height of the block.</returns>
    public static float Header(SKCanvas canvas, string title, string subtitle, float x, float y, float width)
    {
        float bottom = y + 8;
        foreach ((string text, float size, SKColor color) in new[]
            { (title, TitleSize, Palette.Ink), (subtitle, TextSize, Palette.Muted) })
        {
            bool bold = size == TitleSize;
            foreach (string line in WrapEvenly(text, width, size, bold))
            {
                Text(canvas, line, x, bottom + (size * 0.675f), size, bold, color);
                bottom += size * 1.35f;
            }
        }

        return bottom + 6 - y;
    }

    /// <summary>Swatches with names in rows, left to right.</summary>
    /// <returns>The height of the rows; 0 without items.</returns>
    public static float Legend(SKCanvas canvas, IReadOnlyList<LegendItem> items, float x, float y, float width)
    {
        const float step = 20;
        float left = 0, middle = y + (step / 2);
        foreach (LegendItem item in items)
        {
            float itemWidth = SwatchWidth + 5 + Width(item.Name) + 16;
            if (left > 0 && left + itemWidth > width)
                (left, middle) = (0, middle + step);
            Swatch(canvas, item, x + left, middle);
            Text(canvas, item.Name, x + left + SwatchWidth + 5, middle);
            left += itemWidth;
        }

        return items.Count == 0 ? 0 : middle + (step / 2) - y;
    }

    private static void Swatch(SKCanvas canvas, LegendItem item, float x, float y)
    {
        using var paint = new SKPaint
        { Color = item.Color, IsAntialias = true, StrokeWidth = 2.2f, IsStroke = item.Shape != LegendShape.Area };
        if (item.Shape == LegendShape.Area)
            canvas.DrawRect(x + 2, y - 5.5f, SwatchWidth - 6, 11, paint);
        else if (item.Shape == LegendShape.Outline)
            canvas.DrawRect(x + 3, y - 5, SwatchWidth - 8, 10, paint);
        else if (item.IsDashed)
            Dashes(canvas, [new(x, y), new(x + SwatchWidth, y)], item.Color, paint.StrokeWidth);
        else
            canvas.DrawLine(x, y, x + SwatchWidth, y, paint);
        if (item.Marker is not { } marker)
            return;
        using Paint point = Paint.NewDisposablePaint();
        new MarkerStyle(marker, 7, Color.FromSKColor(item.Color))
            .Render(canvas, new Pixel(x + (SwatchWidth / 2), y), point);
    }

    /// <summary>
    /// Draws a dashed line. Its dashes are drawn as filled shapes, because Skia's SVG output knows no patterns: it
    /// draws a solid line and complains on the error stream.
    /// </summary>
    public static void Dashes(SKCanvas canvas, SKPoint[] points, SKColor color, float width)
    {
        using var path = new SKPath();
        path.AddPoly(points, close: false);
        using var pattern = SKPathEffect.CreateDash([6, 4], 0);
        using var stroke = new SKPaint { IsStroke = true, StrokeWidth = width, PathEffect = pattern };
        using SKPath dashes = stroke.GetFillPath(path);
        using var fill = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawPath(dashes, fill);
    }

    private static byte[] Encoded(SKSizeI size, double scale, Action<SKCanvas> draw, Func<SKPixmap, SKData?> encode)
    {
        if (!(scale > 0))
            throw new ArgumentException(
                FormattableString.Invariant($"The scale of an image file must be above 0, not {scale}."));
        var info = new SKImageInfo(
            (int)Math.Round(size.Width * scale), (int)Math.Round(size.Height * scale), SKColorType.Rgba8888,
            SKAlphaType.Opaque);
        using var surface = SKSurface.Create(info);
        surface.Canvas.Clear(Palette.Paper);
        surface.Canvas.Scale((float)scale);
        draw(surface.Canvas);
        using SKPixmap pixels = surface.PeekPixels();
        using SKData file = encode(pixels)
            ?? throw new InvalidOperationException("SkiaSharp could not encode the image.");
        return file.ToArray();
    }
}

/// <summary>
/// The one typeface of all figures, DejaVu Sans, embedded in the library: text looks the same on every machine and is
/// there on a machine without fonts.
/// </summary>
internal static class FigureFont
{
    /// <summary>Lets ScottPlot find the embedded typeface by its name.</summary>
    static FigureFont() => Fonts.FontResolvers.Insert(0, new EmbeddedResolver());

    public static string Name { get; } = "DejaVu Sans";

    public static SKTypeface Regular { get; } = Load("DejaVuSans.ttf");

    public static SKTypeface Bold { get; } = Load("DejaVuSans-Bold.ttf");

    private static SKTypeface Load(string file) => SKTypeface.FromStream(
        typeof(FigureFont).Assembly.GetManifestResourceStream("C2FVL.Lib." + file)!);

    private sealed class EmbeddedResolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName != Name ? null : bold ? Bold : Regular;
    }
}
