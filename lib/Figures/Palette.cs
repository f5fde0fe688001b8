using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// The workbook's colours, after Okabe and Ito's set for all kinds of colour vision ("Color Universal Design", 2008).
/// Figures are dark ink on white paper in every theme.
/// </summary>
public static class Palette
{
    public static SKColor Blue { get; } = new(0x00, 0x72, 0xB2);

    public static SKColor Vermillion { get; } = new(0xD5, 0x5E, 0x00);

    public static SKColor Green { get; } = new(0x00, 0x9E, 0x73);

    public static SKColor Purple { get; } = new(0xCC, 0x79, 0xA7);

    public static SKColor Orange { get; } = new(0xE6, 0x9F, 0x00);

    public static SKColor Sky { get; } = new(0x56, 0xB4, 0xE9);

    public static SKColor Yellow { get; } = new(0xF0, 0xE4, 0x42);

    /// <summary>Text and frames.</summary>
    public static SKColor Ink { get; } = new(0x22, 0x22, 0x22);

    /// <summary>Subtitles and reference lines; also numbers quoted from a paper.</summary>
    public static SKColor Muted { get; } = new(0x5F, 0x5F, 0x5F);

    public static SKColor Grid { get; } = new(0xE4, 0xE4, 0xE4);

    public static SKColor Paper { get; } = SKColors.White;

    /// <summary>The colours of a chart's series, in order; they start over after the last.</summary>
    public static IReadOnlyList<SKColor> Series { get; } = [Blue, Vermillion, Green, Purple, Orange, Sky, Ink];

    /// <summary>A lesion pixel that was found.</summary>
    public static SKColor TruePositive { get; } = Yellow;

    /// <summary>A pixel wrongly called lesion.</summary>
    public static SKColor FalsePositive { get; } = Vermillion;

    /// <summary>A lesion pixel that was missed.</summary>
    public static SKColor FalseNegative { get; } = Sky;

    /// <summary>The outline of the annotated lesion.</summary>
    public static SKColor Truth { get; } = Sky;

    /// <summary>The outline of the predicted lesion.</summary>
    public static SKColor Prediction { get; } = Vermillion;

    /// <summary>"#rrggbb".</summary>
    public static string Hex(SKColor color) => $"#{color.Red:x2}{color.Green:x2}{color.Blue:x2}";

    internal static SKColor SeriesAt(int index) => Series[index % Series.Count];
}

/// <summary>The scale of a colour map beside a picture grid.</summary>
/// <param name="Map">The colours.</param>
/// <param name="Title">What the colour measures.</param>
/// <param name="Low">Words at the low end.</param>
/// <param name="High">Words at the high end.</param>
public sealed record ColorBar(ColorMap Map, string Title, string Low = "0", string High = "1");

/// <summary>
/// A perceptually uniform colour map, dark at 0 and bright at 1, also for colour-blind readers and in grey print.
/// </summary>
public sealed class ColorMap
{
    private readonly SKColor[] colors;

    private ColorMap(ScottPlot.IColormap source) =>
        colors = [.. Enumerable.Range(0, 256).Select(i => source.GetColor(i / 255.0).ToSKColor())];

    /// <summary>For feature maps and other plain values.</summary>
    public static ColorMap Viridis { get; } = new(new ScottPlot.Colormaps.Viridis());

    /// <summary>For heat over a grey image.</summary>
    public static ColorMap Inferno { get; } = new(new ScottPlot.Colormaps.Inferno());

    /// <summary>The colour of a value 0 to 1; values outside take the nearest end, NaN the low one.</summary>
    public SKColor At(double value) => colors[(int)Math.Round(255 * (value > 0 ? Math.Min(value, 1) : 0))];
}
