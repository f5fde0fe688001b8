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

    internal override SKSizeI Size =>
        Lay() is { } plan ? new((int)Math.Ceiling(plan.Width), (int)Math.Ceiling(plan.Height)) : default;

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

    internal override void Draw(SKCanvas canvas)
    {
        Plan plan = Lay();
        FigureCanvas.Header(canvas, Title, Subtitle, Edge, 0, plan.Width - (2 * Edge));
        FigureCanvas.Legend(canvas, Legend, Edge, plan.LegendTop, plan.Width - (2 * Edge));
        for (int column = 0; column < ColumnCaptions.Count; column++)
            FigureCanvas.Lines(
                canvas, FigureCanvas.Wrap(ColumnCaptions[column], plan.Tile),
                plan.Left + (column * (plan.Tile + Gap)) + (plan.Tile / 2), (plan.ColumnTop + plan.Top - 2) / 2);
        float top = plan.Top;
        for (int row = 0; row < Rows.Count; row++)
        {
            if (row < RowCaptions.Count)
                FigureCanvas.Lines(
                    canvas, FigureCanvas.Wrap(RowCaptions[row], plan.Left - Edge - 8), plan.Left - 8,
                    top + (plan.RowHeights[row] / 2), align: SKTextAlign.Right);
            foreach ((int column, Picture? picture) in Rows[row].Index())
            {
                if (picture is not null)
                    DrawTile(canvas, picture, plan.Left + (column * (plan.Tile + Gap)), top, plan);
            }

            top += plan.RowHeights[row] + plan.CaptionHeights[row] + Gap;
        }

        if (ColorBar is { } bar)
            DrawBar(canvas, bar, plan.Width - BarSpace + 6, plan.Top, top - Gap - plan.Top - plan.CaptionHeights[^1]);
    }

    private void DrawTile(SKCanvas canvas, Picture picture, float x, float y, Plan plan)
    {
        float height = plan.Tile * picture.Height / picture.Width;
        picture.Draw(canvas, SKRect.Create(x, y, plan.Tile, height));
        IReadOnlyList<string> lines = FigureCanvas.Wrap(picture.Caption, plan.Tile, CaptionSize);
        FigureCanvas.Lines(
            canvas, lines, x + (plan.Tile / 2), y + height + 3 + (lines.Count * CaptionSize * 0.65f), CaptionSize);
    }

    private static void DrawBar(SKCanvas canvas, ColorBar bar, float x, float y, float height)
    {
        height = Math.Min(height, 220);
        for (int i = 0; i < height; i++)
        {
            using var paint = new SKPaint { Color = bar.Map.At(1 - (i / (height - 1))) };
            canvas.DrawRect(x, y + i, 14, Math.Min(1, height - i), paint);
        }

        FigureCanvas.Text(canvas, bar.High, x + 18, y + 6, CaptionSize);
        FigureCanvas.Text(canvas, bar.Low, x + 18, y + height - 6, CaptionSize);
        canvas.Save();
        canvas.Translate(x + 26, y + (height / 2));
        canvas.RotateDegrees(90);
        FigureCanvas.Text(canvas, bar.Title, 0, 0, CaptionSize, align: SKTextAlign.Center);
        canvas.Restore();
    }

    /// <summary>The layout of all parts.</summary>
    private Plan Lay()
    {
        Picture first = Rows.SelectMany(row => row).FirstOrDefault(picture => picture is not null)
            ?? throw new InvalidOperationException($"Picture grid \"{Title}\" has no picture.");
        float tile = TileWidth ?? DefaultTile(first.Width);
        int columns = Rows.Max(row => row.Count);
        float left = Edge;
        if (RowCaptions.Count > 0)
            left += Math.Min(120, RowCaptions.Max(caption => FigureCanvas.Width(caption))) + 8;
        float width = left + (columns * tile) + ((columns - 1) * Gap) + (ColorBar is null ? Edge : BarSpace);
        width = Math.Max(width, 360);
        float legendTop = FigureCanvas.HeaderHeight(Title, Subtitle, width - (2 * Edge));
        float columnTop = legendTop + FigureCanvas.LegendHeight(Legend, width - (2 * Edge));
        int columnLines = ColumnCaptions.Select(words => FigureCanvas.Wrap(words, tile).Count).DefaultIfEmpty().Max();
        float top = columnTop + (columnLines * FigureCanvas.TextSize * 1.3f) + 6;
        float[] heights = [.. Rows.Select(row => row.Max(tileOf => tile * tileOf?.Height / tileOf?.Width) ?? 0)];
        float[] captions = [.. Rows.Select(row => row.Max(CaptionHeight))];
        float height = top + heights.Sum() + captions.Sum() + ((Rows.Count - 1) * Gap) + Edge;
        return new(width, height, legendTop, columnTop, left, top, tile, heights, captions);

        float CaptionHeight(Picture? picture) => picture is not { Caption.Length: > 0 }
            ? 0
            : 6 + (FigureCanvas.Wrap(picture.Caption, tile, CaptionSize).Count * CaptionSize * 1.3f);
    }

    private static int DefaultTile(int width) =>
        width <= 84 ? width * (int)Math.Round(144.0 / width) : Math.Min(width, 168);

    private sealed record Plan(
        float Width, float Height, float LegendTop, float ColumnTop, float Left, float Top, float Tile,
        float[] RowHeights, float[] CaptionHeights);
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
    public static Picture Compare(GrayImage image, BinaryMask predicted, BinaryMask truth)
    {
        const double opacity = 0.6;
        return Picture.Of(image).WithFill(Where(predicted, truth, (p, t) => p && t), Palette.TruePositive, opacity)
            .WithFill(Where(predicted, truth, (p, t) => p && !t), Palette.FalsePositive, opacity)
            .WithFill(Where(predicted, truth, (p, t) => !p && t), Palette.FalseNegative, opacity);
    }

    /// <summary>The image under a heat map, the annotated lesion outlined.</summary>
    /// <param name="image">The grey image.</param>
    /// <param name="heat">0 to 1, of any size: stretched bilinearly to the image's.</param>
    /// <param name="truth">Null for no outline.</param>
    public static Picture Heat(GrayImage image, GrayImage heat, BinaryMask? truth = null)
    {
        Picture picture = Picture.Of(image).WithHeat(heat, ColorMap.Inferno);
        return truth is null ? picture : picture.WithOutline(truth, Palette.Truth);
    }

    private static BinaryMask Where(BinaryMask predicted, BinaryMask truth, Func<bool, bool, bool> rule)
    {
        if (predicted.Width != truth.Width || predicted.Height != truth.Height)
            throw new ArgumentException(
                $"The prediction is {predicted.Width} x {predicted.Height} and the truth {truth.Width} x "
                    + $"{truth.Height}. Bring both to one size.");
        return new BinaryMask(
            truth.Width, truth.Height,
            [.. predicted.Pixels.Zip(truth.Pixels, (p, t) => rule(p != 0, t != 0) ? (byte)1 : (byte)0)]);
    }
}
