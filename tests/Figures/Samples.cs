using C2FVL.Data;
using C2FVL.Figures;

namespace C2FVL.Tests.Figures;

/// <summary>One small figure of each kind.</summary>
internal static class Samples
{
    public const string Scale = "phantom preset: for demonstration only";

    public static Chart Curves { get; } = new("Loss while training")
    {
        Subtitle = Scale,
        X = new("epoch"),
        Y = new("loss"),
        Series =
        [
            Series.Line("training", [1, 2, 3, 4, 5, 6], [0.91, 0.62, 0.44, 0.36, 0.31, 0.29]),
            Series.Line("validation", [1, 2, 3, 4, 5, 6], [0.95, 0.70, 0.55, double.NaN, 0.47, 0.46]) with { IsDashed = true },
        ],
        Lines = [new(0.4, "early stop"), new(4, "best epoch", Vertical: true)],
    };

    public static Chart Bars { get; } = new("Dice by method")
    {
        Subtitle = Scale,
        X = new() { Categories = ["U-Net", "UNet++", "nnU-Net", "TransUNet", "Swin-Unet", "UCTransNet", "LViT", "C2FVL"] },
        Y = new("mean Dice (%)") { Max = 100 },
        Series =
        [
            Series.Bar("ours", Around([61.2, 64.8, 66.1, 63.5, 60.2, 66.9, 70.4, 72.3], 3.5)) with { ValueFormat = "0.0" },
            Series.Bar("paper (quoted)", [79.0, 79.6, 80.4, 78.6, 78.1, 79.2, 83.7, double.NaN]),
        ],
    };

    public static Chart Forest { get; } = new("Difference to C2FVL in mean Dice")
    {
        Subtitle = Scale,
        X = new("difference (points), 95 % interval"),
        Y = new() { Categories = ["without text", "without VLAB", "without cosine loss", "without ViT"] },
        Series =
        [
            Series.Interval("QaTa", [new(-4.1, -5.6, -2.6), new(-1.2, -2.4, 0.1), new(-0.4, -1.5, 0.7), new(-2.2, -3.6, -0.9)]),
            Series.Interval("CT", Around([-3.0, -0.2, 0.3, -1.2], 1.8)),
        ],
        Lines = [new(0, "no difference", Vertical: true)],
    };

    public static Chart Histogram { get; } = new("Lesion area")
    {
        Subtitle = Scale,
        X = new("share of the picture"),
        Y = new("cases"),
        Series =
        [
            Series.Histogram("training", Enumerable.Range(0, 80).Select(i => 0.5 + (0.4 * Math.Sin(i * i))), 0, 1),
            Series.Histogram("test", Enumerable.Range(0, 40).Select(i => 0.4 + (0.3 * Math.Sin(i * 7))), 0, 1),
        ],
    };

    /// <summary>Long names, values at each row, one row far from the others, and two lines close together.</summary>
    public static Chart Outlier { get; } = new("Table 3, compared with the whole method, one row of which is far from all others")
    {
        Subtitle = Scale + "; 95 % intervals over patients; * p < 0.05, Holm over 5",
        X = new("mean Dice minus that of the whole method with all of its parts, points"),
        Y = new() { Categories = ["all skips, VLAB, cosine as released *", "all skips, VLAB, no cosine loss", "text on the first skip", "nothing", "UNet++"] },
        Series = [Series.Interval("", [new(-0.3, -1.4, 0.6), new(0.1, -1, 1.2), new(-1.2, -2.1, -0.3), new(-46.1, -52, -40), new(1.9, 1, 2.8)]) with { ValueFormat = "+0.0;-0.0;0.0" }],
        Lines = [new(0, "whole", Vertical: true), new(0.1, "pooled", Vertical: true)],
        Height = 340,
    };

    /// <summary>A line that starts over.</summary>
    public static Chart Rate { get; } = new("The learning rate")
    {
        X = new("epoch"),
        Y = new("learning rate"),
        Series = [Series.Line("learning rate", [1, 2, 3, 4, 4, 5, 6], [0.008, 0.005, 0.001, double.NaN, 0.008, 0.005, 0.001])],
    };

    /// <summary>One line without a name.</summary>
    public static Chart Plain { get; } = new("Dice against the weight")
    {
        Subtitle = Scale,
        X = new("weight"),
        Y = new("Dice"),
        Series = [Series.Line("", [0.1, 0.5, 0.9], [0.71, 0.74, 0.66])],
    };

    public static ChartGrid Grid { get; } = new("Weights of the three cosine terms")
    {
        Subtitle = Scale,
        Panels = [.. new[] { "\u03b1", "\u03b2", "\u03b3" }.Select((name, k) => new Chart($"{name} moves")
        {
            X = new(name),
            Y = new("Dice"),
            Height = 300,
            Series = [Series.Line("Dice", [0.1, 0.3, 0.5, 0.7, 0.9], [0.6 + (0.02 * k), 0.65, 0.7, 0.68, 0.6])],
        })],
    };

    public static PictureGrid Pictures { get; } = new("Predictions beside the truth")
    {
        Subtitle = Scale,
        ColumnCaptions = ["image and annotated lesion", "U-Net", "C2FVL", "Grad-CAM"],
        RowCaptions = ["best case", "median case"],
        Legend = [.. Overlay.CompareLegend, .. Overlay.TruthLegend],
        ColorBar = new(ColorMap.Inferno, "relative weight"),
        Rows = [.. Enumerable.Range(0, 2).Select(row => new Picture?[]
        {
            Overlay.Truth(Gray(48), Disk(48, 20, 18, 9)) with { Caption = "Unilateral pulmonary infection, one infected area, upper left lung." },
            Overlay.Compare(Gray(48), Disk(48, 26, 22, 10), Disk(48, 20, 18, 9)) with { Caption = "Dice 0.58" },
            Overlay.Compare(Gray(48), Disk(48, 21, 18, 8), Disk(48, 20, 18, 9)) with { Caption = "Dice 0.91" },
            row == 1 ? null : Overlay.Heat(Gray(48), Bump(6), Disk(48, 20, 18, 9)),
        })],
    };

    public static IReadOnlyList<DrawnFigure> All { get; } = [Curves, Bars, Forest, Histogram, Outlier, Rate, Plain, Grid, Pictures];

    private static IEnumerable<Estimate> Around(double[] values, double reach) =>
        values.Select(value => new Estimate(value, value - reach, value + reach));

    public static GrayImage Gray(int side)
    {
        var image = new GrayImage(side, side);
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
                image[row, column] = 0.35f + (0.3f * MathF.Sin(row * 0.13f) * MathF.Cos(column * 0.11f)) + (0.1f * (row * 7 % 5) / 5);
        }

        return image;
    }

    public static BinaryMask Disk(int side, int centerRow, int centerColumn, int radius)
    {
        var mask = new BinaryMask(side, side);
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
                mask[row, column] = ((row - centerRow) * (row - centerRow)) + ((column - centerColumn) * (column - centerColumn)) <= radius * radius;
        }

        return mask;
    }

    public static GrayImage Bump(int side)
    {
        var image = new GrayImage(side, side);
        image[side / 3, side / 3] = 1;
        image[side / 2, side / 3] = 0.6f;
        return image;
    }
}
