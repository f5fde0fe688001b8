using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// What all drawings share: text in the embedded typeface, the title block, legends, and the encoders.
/// </summary>
internal static partial class FigureCanvas
{
    public const float TitleSize = 15, TextSize = 12;

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

    public static string Svg(SKSizeI size, string title, string altText, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(SKRect.Create(size.Width, size.Height), stream))
        {
            using var paper = new SKPaint { Color = Palette.Paper };
            canvas.DrawRect(0, 0, size.Width, size.Height, paper);
            draw(canvas);
        }

        string svg = Encoding.UTF8.GetString(stream.ToArray());
        // A viewer without the typeface takes one of nearly the same widths.
        svg = svg.Replace($"\"{FigureFont.Name}\"", $"\"{FigureFont.Name}, Verdana, sans-serif\"");
        // Skia counts clips over the whole process; counted from the figure's start, the same figure has the same text.
        var clips = new List<string>();
        svg = ClipName().Replace(svg, name =>
        {
            if (!clips.Contains(name.Value))
                clips.Add(name.Value);
            return $"cl_{clips.IndexOf(name.Value)}";
        });
        int close = svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal));
        string words = $" role=\"img\" viewBox=\"0 0 {size.Width} {size.Height}\">"
            + $"<title>{Html.Escape(title)}</title><desc>{Html.Escape(altText)}</desc>";
        return svg[..close] + words + svg[(close + 1)..];
    }

    [GeneratedRegex("\\bcl_[0-9a-f]+\\b")]
    private static partial Regex ClipName();

    public static SKFont Font(float size, bool bold = false) => new(bold ? FigureFont.Bold : FigureFont.Regular, size)
    { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };

    public static float Width(string text, float size = TextSize, bool bold = false)
    {
        using SKFont font = Font(size, bold);
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
        SKCanvas canvas, IReadOnlyList<string> lines, float x, float y, float size = TextSize, bool bold = false,
        SKColor? color = null, SKTextAlign align = SKTextAlign.Center)
    {
        float step = size * 1.3f;
        for (int i = 0; i < lines.Count; i++)
            Text(canvas, lines[i], x, y + ((i - ((lines.Count - 1) / 2f)) * step), size, bold, color, align);
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

    /// <summary>The height of the title block at this width.</summary>
    public static float HeaderHeight(string title, string subtitle, float width) =>
        14 + (Wrap(title, width, TitleSize, bold: true).Count * TitleSize * 1.35f)
            + (Wrap(subtitle, width).Count * TextSize * 1.35f);

    /// <summary>Title in bold, subtitle in grey, left-aligned from the top.</summary>
    public static void Header(SKCanvas canvas, string title, string subtitle, float x, float y, float width)
    {
        y += 8;
        foreach ((string text, float size, SKColor color) in new[]
            { (title, TitleSize, Palette.Ink), (subtitle, TextSize, Palette.Muted) })
        {
            bool bold = size == TitleSize;
            foreach (string line in WrapEvenly(text, width, size, bold))
            {
                Text(canvas, line, x, y + (size * 0.675f), size, bold, color);
                y += size * 1.35f;
            }
        }
    }

    /// <summary>The height of a legend at this width; 0 without items.</summary>
    public static float LegendHeight(IReadOnlyList<LegendItem> items, float width) =>
        items.Count == 0 ? 0 : (LegendPlaces(items, width).Max(place => place.Row) + 1) * LegendStep;

    /// <summary>Swatches with names in rows, left to right.</summary>
    public static void Legend(SKCanvas canvas, IReadOnlyList<LegendItem> items, float x, float y, float width)
    {
        foreach ((LegendItem item, (float left, int row)) in items.Zip(LegendPlaces(items, width)))
        {
            float middle = y + ((row + 0.5f) * LegendStep);
            Swatch(canvas, item, x + left, middle);
            Text(canvas, item.Name, x + left + SwatchWidth + 5, middle);
        }
    }

    private const float LegendStep = 20, SwatchWidth = 20;

    private static List<(float Left, int Row)> LegendPlaces(IReadOnlyList<LegendItem> items, float width)
    {
        var places = new List<(float, int)>();
        float left = 0;
        int row = 0;
        foreach (LegendItem item in items)
        {
            float itemWidth = SwatchWidth + 5 + Width(item.Name) + 16;
            if (left > 0 && left + itemWidth > width)
                (left, row) = (0, row + 1);
            places.Add((left, row));
            left += itemWidth;
        }

        return places;
    }

    private static void Swatch(SKCanvas canvas, LegendItem item, float x, float y)
    {
        using var paint = new SKPaint
        { Color = item.Color, IsAntialias = true, StrokeWidth = 2.2f, IsStroke = item.Shape != LegendShape.Area };
        if (item.Shape == LegendShape.Area)
            canvas.DrawRect(x + 2, y - 5.5f, SwatchWidth - 6, 11, paint);
        else if (item.Shape == LegendShape.Outline)
            canvas.DrawRect(x + 3, y - 5, SwatchWidth - 8, 10, paint);
        else if (item.Shape == LegendShape.Line)
            item.Dash.Stroke(canvas, [new(x, y), new(x + SwatchWidth, y)], item.Color, 2.2f);
        if (item.Marker is { } marker)
            marker.Draw(canvas, x + (SwatchWidth / 2), y, 7, item.Color);
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
/// A line with a pattern inside a ScottPlot plot, drawn as <see cref="DashStyles.Stroke"/> says and why.
/// </summary>
internal sealed class DashedLine(double[] xs, double[] ys, Dash dash, SKColor color, float width) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<ScottPlot.LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

    public void Render(RenderPack rp) => dash.Stroke(
        rp.Canvas, [.. xs.Zip(ys, (x, y) => Axes.GetPixel(new Coordinates(x, y)).ToSKPoint())], color, width);
}

/// <summary>
/// The one typeface of all figures, DejaVu Sans, embedded in the library: text looks the same on every machine and is
/// there on a machine without fonts.
/// </summary>
internal static class FigureFont
{
    public const string Name = "DejaVu Sans";

    public static SKTypeface Regular { get; } = Load("DejaVuSans.ttf");

    public static SKTypeface Bold { get; } = Load("DejaVuSans-Bold.ttf");

    /// <summary>Lets ScottPlot find the embedded typeface by its name. Once a process.</summary>
    public static void Register()
    {
        lock (Fonts.FontResolvers)
        {
            if (!Fonts.FontResolvers.OfType<EmbeddedResolver>().Any())
                Fonts.FontResolvers.Insert(0, new EmbeddedResolver());
        }
    }

    private static SKTypeface Load(string file)
    {
        using Stream stream = typeof(FigureFont).Assembly.GetManifestResourceStream("C2FVL.Lib." + file)!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    private sealed class EmbeddedResolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName != Name ? null : bold ? Bold : Regular;
    }
}
