using C2FVL.Data;

namespace C2FVL.Figures;

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
    public static IReadOnlyList<LegendItem> TruthLegend { get; } = [new("annotated lesion", Palette.Truth, LegendShape.Outline)];

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
        return Picture.Of(image)
            .WithFill(Where(predicted, truth, (p, t) => p && t), Palette.TruePositive, opacity)
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
            throw new ArgumentException($"The prediction is {predicted.Width} x {predicted.Height} and the truth {truth.Width} x {truth.Height}. Bring both to one size.");
        return new BinaryMask(truth.Width, truth.Height, [.. predicted.Pixels.Zip(truth.Pixels, (p, t) => rule(p != 0, t != 0) ? (byte)1 : (byte)0)]);
    }
}
