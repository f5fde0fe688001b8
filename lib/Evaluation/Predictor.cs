using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Evaluation;

/// <summary>Segments one image at its own size.</summary>
public static class Predictor
{
    /// <summary>The lesion's probability at each pixel of the image, 0 to 1.</summary>
    /// <param name="model">The model, on the CPU; it is left in evaluation mode.</param>
    /// <param name="image">The image, any size.</param>
    /// <param name="report">The report; null for none.</param>
    /// <param name="imageSize">The network's side in pixels. The image is brought to it by area, and the probability
    /// back by bilinear interpolation.</param>
    /// <param name="flip">Whether it is the mean over the image and its horizontal flip, the report flipped
    /// along.</param>
    /// <returns>A grey image of the image's size that holds the probabilities.</returns>
    /// <exception cref="InvalidDataException">The image holds a value that is NaN or infinite.</exception>
    /// <exception cref="ArgumentException"><paramref name="imageSize"/> is not the side that the model was made for;
    /// the message names the shape it takes.</exception>
    public static GrayImage Predict(
        SegmentationModel model, GrayImage image, LesionReport? report, int imageSize, bool flip = false)
    {
        image.RequireNumbers();
        model.eval();
        using IDisposable pause = CollectorPause.Begin();
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        GrayImage small = Resize.Area(image, imageSize);
        Tensor input = tensor(small.Pixels, [1, 1, imageSize, imageSize]).repeat(1, 3, 1, 1);
        Tensor text = tensor(report?.ToVector() ?? TextVector.Missing, [1, TextVector.Length]);
        return AtSize(Scorer.Probability(model, input, text, flip), image.Width, image.Height);
    }

    /// <summary>
    /// One image's probability, brought from the network's size to another by bilinear interpolation.
    /// </summary>
    /// <param name="probability">Shape (1, 1, S, S), on the CPU.</param>
    /// <param name="width">The width to bring it to.</param>
    /// <param name="height">The height to bring it to.</param>
    public static GrayImage AtSize(Tensor probability, int width, int height)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor large = nn.functional.interpolate(
            probability, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        return new GrayImage(width, height, large.contiguous().data<float>().ToArray());
    }

    /// <summary>Lesion where the probability is at least 0.5.</summary>
    public static BinaryMask Threshold(GrayImage probability) =>
        new(
            probability.Width, probability.Height,
            [.. probability.Pixels.Select(p => (byte)(p >= CaseScore.DefaultThreshold ? 1 : 0))]);
}
