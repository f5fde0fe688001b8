using C2FVL.Data;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>Pictures in rows and columns, with captions, a legend and a colour bar where wanted.</summary>
/// <param name="Title">One line above the grid.</param>
public sealed record PictureGrid(string Title) : DrawnFigure(Title)
{
    private const float Edge = 10, Gap = 6, CaptionSize = 11, BarSpace = 74;

    /// <summary>The tiles; null leaves a place empty.</summary>
    public IReadOnlyList<IReadOnlyList<Picture?>> Rows { get; init; } = [];

    /// <summary>Words left of each row; empty for none.</summary>
    public IReadOnlyList<string> RowCaptions { get; init; } = [];

    /// <summary>Words above each column; empty for none.</summary>
    public IReadOnlyList<string> ColumnCaptions { get; init; } = [];

    public IReadOnlyList<LegendItem> Legend { get; init; } = [];

    public ColorBar? ColorBar { get; init; }

    /// <summary>
    /// A tile's width in CSS pixels; null picks 112 to 168, a multiple of the pictures' width where they are small.
    /// </summary>
    public int? TileWidth { get; init; }

    internal override SKSizeI Size
    {
        get
        {
            using var nothing = new SKNoDrawCanvas(1, 1);
            return Lay(nothing);
        }
    }

    /// <summary>Pictures are noisy and large, so a cell holds them at their drawn size.</summary>
    internal override double CellScale => 1;

    /// <summary>The grid as a WebP, which every browser shows: with grain, a quarter of the PNG.</summary>
    /// <param name="scale">Device pixels per unit of the grid's size; above 0.</param>
    public byte[] ToWebp(double scale = 1) => FigureCanvas.Webp(Size, scale, Draw);

    private protected override string ImageSource() =>
        "data:image/webp;base64," + Convert.ToBase64String(ToWebp(CellScale));

    internal override string Describe()
    {
        int tiles = Rows.Sum(row => row.Count(picture => picture is not null));
        string bar = ColorBar is { } scale ? $" Colour bar: {scale.Title}, {scale.Low} to {scale.High}." : "";
        return $"{tiles} images in {Rows.Count} rows.{List("Columns", ColumnCaptions)}{List("Rows", RowCaptions)}"
            + List("Colours", [.. Legend.Select(item => item.Name)]) + bar;

        static string List(string what, IReadOnlyList<string> names) =>
            names.Count > 0 ? $" {what}: {string.Join("; ", names)}." : "";
    }

    internal override void Draw(SKCanvas canvas) => Lay(canvas);

    /// <summary>Draws all parts from the top down.</summary>
    /// <returns>The size that they take.</returns>
    private SKSizeI Lay(SKCanvas canvas)
    {
        Picture first = Rows.SelectMany(row => row).FirstOrDefault(picture => picture is not null)
            ?? throw new InvalidOperationException($"Picture grid \"{Title}\" has no picture.");
        float tile = TileWidth ?? (first.Width <= 84 ? first.Width * MathF.Round(144f / first.Width)
            : Math.Min(first.Width, 168));
        float left = Edge;
        if (RowCaptions.Count > 0)
            left += Math.Min(120, RowCaptions.Max(caption => FigureCanvas.Width(caption))) + 8;
        float width = left + (Rows.Max(row => row.Count) * (tile + Gap)) - Gap + (ColorBar is null ? Edge : BarSpace);
        width = Math.Max(width, 360);
        float y = FigureCanvas.Header(canvas, Title, Subtitle, Edge, 0, width - (2 * Edge));
        y += FigureCanvas.Legend(canvas, Legend, Edge, y, width - (2 * Edge));

        IReadOnlyList<string>[] heads = [.. ColumnCaptions.Select(words => FigureCanvas.Wrap(words, tile))];
        float headHeight = heads.Select(lines => lines.Count).DefaultIfEmpty().Max() * FigureCanvas.TextSize * 1.3f;
        foreach ((int column, IReadOnlyList<string> lines) in heads.Index())
            FigureCanvas.Lines(canvas, lines, X(column) + (tile / 2), y + (headHeight / 2) + 2);
        y += headHeight + 6;

        (float top, float bottom) = (y, y);
        foreach ((int row, IReadOnlyList<Picture?> pictures) in Rows.Index())
        {
            float height = pictures.Max(picture => tile * picture?.Height / picture?.Width) ?? 0, captionHeight = 0;
            if (row < RowCaptions.Count)
                FigureCanvas.Lines(
                    canvas, FigureCanvas.Wrap(RowCaptions[row], left - Edge - 8), left - 8, y + (height / 2),
                    align: SKTextAlign.Right);
            foreach ((int column, Picture? picture) in pictures.Index())
            {
                if (picture is not null)
                    captionHeight = Math.Max(captionHeight, DrawTile(canvas, picture, X(column), y, tile));
            }

            bottom = y + height;
            y = bottom + captionHeight + Gap;
        }

        if (ColorBar is { } bar)
            DrawBar(canvas, bar, width - BarSpace + 6, top, bottom - top);
        return new((int)Math.Ceiling(width), (int)Math.Ceiling(y - Gap + Edge));

        float X(int column) => left + (column * (tile + Gap));
    }

    /// <returns>The height of the caption.</returns>
    private static float DrawTile(SKCanvas canvas, Picture picture, float x, float y, float tile)
    {
        float height = tile * picture.Height / picture.Width;
        picture.Draw(canvas, SKRect.Create(x, y, tile, height));
        IReadOnlyList<string> lines = FigureCanvas.Wrap(picture.Caption, tile, CaptionSize);
        FigureCanvas.Lines(
            canvas, lines, x + (tile / 2), y + height + 3 + (lines.Count * CaptionSize * 0.65f), CaptionSize);
        return lines.Count == 0 ? 0 : 6 + (lines.Count * CaptionSize * 1.3f);
    }

    private static void DrawBar(SKCanvas canvas, ColorBar bar, float x, float y, float height)
    {
        height = Math.Min(height, 220);
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(x, y + height), new SKPoint(x, y),
            [.. Enumerable.Range(0, 256).Select(i => bar.Map.At(i / 255.0))], SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(x, y, 14, height, paint);
        FigureCanvas.Text(canvas, bar.High, x + 18, y + 6, CaptionSize);
        FigureCanvas.Text(canvas, bar.Low, x + 18, y + height - 6, CaptionSize);
        canvas.Save();
        canvas.Translate(x + 26, y + (height / 2));
        canvas.RotateDegrees(90);
        FigureCanvas.Text(canvas, bar.Title, 0, 0, CaptionSize, align: SKTextAlign.Center);
        canvas.Restore();
    }
}

/// <summary>Masks over images.</summary>
public static class Overlay
{
    /// <summary>The meaning of the colours of <see cref="Compare"/>.</summary>
    public static IReadOnlyList<LegendItem> CompareLegend { get; } =
    [
        new("found (true positive)", Palette.TruePositive),
        new("wrongly marked (false positive)", Palette.FalsePositive),
        new("missed (false negative)", Palette.FalseNegative),
    ];

    /// <summary>The meaning of the line in <see cref="Truth"/> and <see cref="Heat"/>.</summary>
    public static IReadOnlyList<LegendItem> TruthLegend { get; } = [
        new("annotated lesion", Palette.Truth, LegendShape.Outline)];

    /// <summary>The meaning of the line in <see cref="Prediction"/>.</summary>
    public static IReadOnlyList<LegendItem> PredictionLegend { get; } = [
        new("prediction", Palette.Prediction, LegendShape.Outline)];

    /// <summary>The image with the annotated lesion outlined and lightly filled.</summary>
    public static Picture Truth(GrayImage image, BinaryMask truth) =>
        Picture.Of(image).WithFill(truth, Palette.Truth, 0.25).WithOutline(truth, Palette.Truth);

    /// <summary>The image with a predicted lesion filled and outlined.</summary>
    public static Picture Prediction(GrayImage image, BinaryMask predicted) =>
        Picture.Of(image).WithFill(predicted, Palette.Prediction, 0.35).WithOutline(predicted, Palette.Prediction);

    /// <summary>The image with found, wrongly marked and missed pixels in three colours.</summary>
    public static Picture Compare(GrayImage image, BinaryMask predicted, BinaryMask truth) =>
        Picture.Of(image).Require(predicted).Require(truth).WithFill(
            i => (predicted.Pixels[i], truth.Pixels[i]) switch
            {
                (0, 0) => null,
                (_, 0) => Palette.FalsePositive,
                (0, _) => Palette.FalseNegative,
                _ => (SKColor?)Palette.TruePositive,
            },
            0.6);

    /// <summary>The image under a heat map, the annotated lesion outlined.</summary>
    /// <param name="image">The grey image.</param>
    /// <param name="heat">0 to 1, of any size: stretched bilinearly to the image's.</param>
    /// <param name="truth">Null for no outline.</param>
    public static Picture Heat(GrayImage image, GrayImage heat, BinaryMask? truth = null)
    {
        Picture picture = Picture.Of(image).WithHeat(heat, ColorMap.Inferno);
        return truth is null ? picture : picture.WithOutline(truth, Palette.Truth);
    }
}
