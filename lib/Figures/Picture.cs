using C2FVL.Data;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Figures;

/// <summary>One tile of a picture grid: colours, outlines on top of them, and a caption below.</summary>
public sealed record Picture
{
    private readonly SKColor[] colors;

    private Picture(int width, int height, Func<int, SKColor> colorAt)
    {
        (Width, Height) = (width, height);
        colors = [.. Enumerable.Range(0, width * height).Select(colorAt)];
    }

    /// <summary>In source pixels.</summary>
    public int Width { get; }

    /// <summary>In source pixels.</summary>
    public int Height { get; }

    /// <summary>Shape (Height, Width, 3), row-major, red, green, blue.</summary>
    public ReadOnlySpan<byte> Rgb => colors.SelectMany(color => new[] { color.Red, color.Green, color.Blue }).ToArray();

    /// <summary>Words below the tile, broken into lines as needed.</summary>
    public string Caption { get; init; } = "";

    internal IReadOnlyList<(BinaryMask Mask, SKColor Color)> Outlines { get; private init; } = [];

    /// <summary>A grey image as it is.</summary>
    /// <exception cref="ArgumentException">A value is NaN or infinite, here and below.</exception>
    public static Picture Of(GrayImage image) => Paint(image, Gray);

    /// <summary>A mask in white on black.</summary>
    public static Picture Of(BinaryMask mask) =>
        new(mask.Width, mask.Height, i => mask.Pixels[i] == 0 ? SKColors.Black : SKColors.White);

    /// <summary>Values 0 to 1 through a colour map; values outside take the nearest end.</summary>
    public static Picture Of(GrayImage values, ColorMap map) => Paint(values, value => map.At(value));

    /// <summary>
    /// A feature map, stretched from its least to its greatest value; a constant map takes the low end.
    /// </summary>
    /// <param name="values">Shape (H, W), any floating type and device.</param>
    /// <param name="map">Null is viridis.</param>
    public static Picture Of(Tensor values, ColorMap? map = null)
    {
        if (values.dim() != 2)
            throw new ArgumentException(
                $"A picture is made of a tensor of shape (H, W), not ({string.Join(", ", values.shape)}).");
        using Tensor flat = values.detach().to(ScalarType.Float32, copy: true).cpu().contiguous();
        float[] pixels = flat.data<float>().ToArray();
        float low = pixels.Min(), range = pixels.Max() - low;
        map ??= ColorMap.Viridis;
        return Paint(
            new GrayImage((int)values.shape[1], (int)values.shape[0], pixels),
            value => map.At(range > 0 ? (value - low) / range : 0));
    }

    /// <summary>The picture with a translucent colour over a mask of the same size.</summary>
    public Picture WithFill(BinaryMask mask, SKColor color, double opacity = 0.45) =>
        Require(mask).WithFill(i => mask.Pixels[i] == 0 ? null : color, opacity);

    /// <summary>The picture with a translucent colour over each pixel that has one.</summary>
    internal Picture WithFill(Func<int, SKColor?> colorAt, double opacity) =>
        Repaint(i => colorAt(i) is SKColor color ? Blend(colors[i], color, opacity) : colors[i]);

    /// <summary>The picture with a line along the border of a mask of the same size.</summary>
    public Picture WithOutline(BinaryMask mask, SKColor color) =>
        Require(mask) with { Outlines = [.. Outlines, (mask, color)] };

    /// <summary>This picture, if the mask has its size.</summary>
    internal Picture Require(BinaryMask mask) =>
        (mask.Width, mask.Height) == (Width, Height) ? this : throw new ArgumentException(
            $"The mask is {mask.Width} x {mask.Height} and the picture {Width} x {Height}. Resize one of them.");

    /// <summary>The picture with a colour map over it.</summary>
    /// <param name="values">0 to 1, of any size: stretched bilinearly to the picture's.</param>
    /// <param name="map">The colours.</param>
    /// <param name="opacity">How much of the colour covers the picture where the value is 1; a third of it where the
    /// value is 0, so that the picture stays visible there.</param>
    public Picture WithHeat(GrayImage values, ColorMap map, double opacity = 0.65)
    {
        RequireNumbers(values.Pixels);
        using DisposeScope scope = NewDisposeScope();
        float[] stretched = nn.functional.interpolate(
            tensor(values.Pixels, [1, 1, values.Height, values.Width]), [Height, Width],
            mode: InterpolationMode.Bilinear, align_corners: false).clamp(0, 1).data<float>().ToArray();
        return Repaint(i => Blend(colors[i], map.At(stretched[i]), opacity * (1 + (2 * stretched[i])) / 3));
    }

    /// <summary>The picture alone as a PNG at its own size, without caption.</summary>
    public byte[] ToPng() =>
        FigureCanvas.Png(new SKSizeI(Width, Height), 1, canvas => Draw(canvas, new SKRect(0, 0, Width, Height)));

    /// <summary>
    /// Draws the picture into a rectangle: single pixels stay visible when it grows, and are averaged when it shrinks.
    /// </summary>
    internal void Draw(SKCanvas canvas, SKRect place)
    {
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info) { Pixels = colors };
        using SKImage image = SKImage.FromBitmap(bitmap);
        SKSamplingOptions sampling = place.Width >= Width
            ? new SKSamplingOptions(SKFilterMode.Nearest)
            : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(image, place, sampling);
        foreach ((BinaryMask mask, SKColor color) in Outlines)
        {
            using SKPath border = Border(mask, place);
            using var paint = new SKPaint
            { IsStroke = true, IsAntialias = true, Color = SKColors.Black.WithAlpha(150), StrokeWidth = 2.6f };
            canvas.DrawPath(border, paint);
            paint.Color = color;
            paint.StrokeWidth = 1.5f;
            canvas.DrawPath(border, paint);
        }
    }

    /// <summary>A NaN has no colour: drawn in black it would look like a value.</summary>
    private static void RequireNumbers(float[] values)
    {
        int wrong = values.Count(value => !float.IsFinite(value));
        if (wrong > 0)
            throw new ArgumentException(
                $"{wrong} of {values.Length} values are NaN or infinite and have no colour. Find out where they come "
                    + "from.");
    }

    private static Picture Paint(GrayImage image, Func<float, SKColor> color)
    {
        RequireNumbers(image.Pixels);
        return new(image.Width, image.Height, i => color(image.Pixels[i]));
    }

    private Picture Repaint(Func<int, SKColor> colorAt) =>
        new(Width, Height, colorAt) { Outlines = Outlines, Caption = Caption };

    private static SKColor Gray(float value)
    {
        byte level = (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
        return new(level, level, level);
    }

    private static SKColor Blend(SKColor under, SKColor over, double opacity)
    {
        byte Mix(byte a, byte b) => (byte)Math.Round((a * (1 - opacity)) + (b * opacity));
        return new(Mix(under.Red, over.Red), Mix(under.Green, over.Green), Mix(under.Blue, over.Blue));
    }

    /// <summary>
    /// The border between pixels inside and outside a mask; the picture's own border closes a region that touches it.
    /// </summary>
    private SKPath Border(BinaryMask mask, SKRect place)
    {
        var rows = new List<SKRectI>(); // each run of pixels inside
        for (int row = 0; row < Height; row++)
        {
            for (int start = 0, end; start < Width; start = end + 1)
            {
                for (end = start; end < Width && mask[row, end];)
                    end++;
                if (end > start)
                    rows.Add(new SKRectI(start, row, end, row + 1));
            }
        }

        using var region = new SKRegion();
        region.SetRects([.. rows]);
        SKPath path = rows.Count > 0 ? region.GetBoundaryPath() : new SKPath();
        path.Transform(SKMatrix.CreateScaleTranslation(
            place.Width / Width, place.Height / Height, place.Left, place.Top));
        return path;
    }
}
