using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A perceptually uniform colour map, dark at 0 and bright at 1, also for colour-blind readers and in grey print.</summary>
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
