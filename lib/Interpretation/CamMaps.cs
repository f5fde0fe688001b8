using C2FVL.Data;
using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>The CAMs of a batch. The owner disposes them.</summary>
public sealed class CamMaps : IDisposable
{
    private readonly Dictionary<string, Tensor> maps;

    internal CamMaps(IReadOnlyList<string> layers, Dictionary<string, Tensor> maps, Tensor logits, Tensor pixels)
    {
        Layers = layers;
        this.maps = maps;
        Logits = logits;
        Pixels = pixels;
        foreach (Tensor tensor in maps.Values.Append(logits).Append(pixels))
            tensor.DetachFromDisposeScope();
    }

    /// <summary>The layers, in the order asked for.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>What the model gave, (B, 1, S, S), before the sigmoid.</summary>
    public Tensor Logits { get; }

    /// <summary>The pixel set that is explained, (B, 1, S, S), boolean.</summary>
    public Tensor Pixels { get; }

    /// <summary>A layer's CAM, (B, h, w), 0 or more, at the layer's own size and scale.</summary>
    public Tensor this[string layer] => maps.TryGetValue(layer, out Tensor? map)
        ? map
        : throw new ArgumentException(
            $"There is no CAM of layer {layer} here. Choose from {string.Join(", ", Layers)}.");

    /// <summary>A layer's CAM at the image's size, (B, S, S), by bilinear interpolation; a new tensor.</summary>
    public Tensor Upsampled(string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        long side = Logits.shape[^1];
        return nn.functional.interpolate(
            this[layer].unsqueeze(1), [side, side], mode: InterpolationMode.Bilinear, align_corners: false)
            .squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One case's CAM as heat at the image's size, divided by its greatest value. Nothing is subtracted: 0 is where
    /// nothing speaks for the score, as in <see cref="CamMeasures"/>, so a figure shows the map that is measured. The
    /// map of an empty prediction is 0 everywhere.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="row">The case's row in the batch.</param>
    public GrayImage Heat(string layer, int row)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = Upsampled(layer)[row].to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        float most = values.Max();
        int side = (int)Logits.shape[^1];
        return new GrayImage(side, side, Array.ConvertAll(values, value => most > 0 ? value / most : 0));
    }

    /// <summary>What the model calls lesion in one case: probability at least 0.5.</summary>
    /// <param name="row">The case's row in the batch.</param>
    public BinaryMask Prediction(int row)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lesion = (Logits[row, 0].sigmoid() >= 0.5).to(ScalarType.Byte).cpu().contiguous();
        return new BinaryMask((int)lesion.shape[1], (int)lesion.shape[0], lesion.data<byte>().ToArray());
    }

    public void Dispose()
    {
        foreach (Tensor map in maps.Values)
            map.Dispose();
        Logits.Dispose();
        Pixels.Dispose();
    }
}

/// <summary>From a layer's output and its gradient to the CAM; see <see cref="CamMethod"/> for the formulas.</summary>
internal static class CamFormula
{
    /// <param name="method">The formula.</param>
    /// <param name="output">The layer's output A, (B, C, h, w).</param>
    /// <param name="gradient">dy/dA, of the same shape.</param>
    /// <returns>(B, h, w), 0 or more.</returns>
    public static Tensor Map(CamMethod method, Tensor output, Tensor gradient)
    {
        Tensor weight = method switch
        {
            CamMethod.GradCam => gradient.mean([2, 3], keepdim: true), // (B, C, 1, 1)
            CamMethod.GradCamPlusPlus => PlusPlus(output, gradient), // (B, C, 1, 1)
            CamMethod.HiResCam => gradient, // (B, C, h, w)
            _ => throw new ArgumentException(FormattableString.Invariant($"There is no CAM method {method}.")),
        };
        return (weight * output).sum(1).relu();
    }

    /// <summary>Tokens (B, h*w, C) of a square map as (B, C, h, w); maps as they are.</summary>
    /// <exception cref="ArgumentException">It is neither; the message names the layer.</exception>
    public static Tensor AsMap(Tensor output, string layer)
    {
        if (output.dim() == 4)
            return output;
        long side = output.dim() == 3 ? (long)Math.Round(Math.Sqrt(output.shape[1])) : 0;
        if (side == 0 || side * side != output.shape[1])
            throw new ArgumentException(
                $"The layer {layer} returns ({string.Join(", ", output.shape)}); a CAM needs maps (B, C, h, w) or the "
                    + "tokens (B, h*w, C) of a square map.");
        return output.transpose(1, 2).reshape(output.shape[0], output.shape[2], side, side);
    }

    private static Tensor PlusPlus(Tensor output, Tensor gradient)
    {
        Tensor square = gradient * gradient;
        Tensor below = (2 * square) + (output.sum([2, 3], keepdim: true) * square * gradient);
        Tensor share = where(below != 0, square / below, zeros_like(below));
        return (share * gradient.relu()).sum([2, 3], keepdim: true);
    }
}

/// <summary>
/// How a layer's maps become one. A is the layer's output, (C, h, w); y the sum of the mask's logits over the pixel
/// set; G = dy/dA, of A's shape.
/// </summary>
public enum CamMethod
{
    /// <summary>
    /// Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    /// ICCV 2017, Eq. 1-2): one weight a channel, its mean gradient.
    /// <code>
    /// w_c = mean over ij of G_cij
    /// CAM = ReLU(sum over c of w_c A_c)
    /// </code>
    /// </summary>
    GradCam,

    /// <summary>
    /// Grad-CAM++ (Chattopadhay et al., "Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep
    /// Convolutional Networks", WACV 2018, Eq. 10-19), with the paper's score Y = exp(y), whose higher derivatives are
    /// powers of G: places count by themselves, so several lesions of different size each keep their weight.
    /// <code>
    /// a_cij = G_cij² / (2 G_cij² + (sum over ij of A_cij) G_cij³)      0 if the lower side is 0
    /// w_c   = sum over ij of a_cij ReLU(G_cij)
    /// CAM   = ReLU(sum over c of w_c A_c)
    /// </code>
    /// The factor exp(y) of all weights is left out: it changes no image, and it overflows for a sum over a lesion.
    /// The weights assume maps that are not negative, as they are behind a ReLU.
    /// </summary>
    GradCamPlusPlus,

    /// <summary>
    /// HiResCAM (Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
    /// networks", 2020): each place keeps its own gradient, so a place that y does not depend on stays dark.
    /// <code>
    /// CAM = ReLU(sum over c of G_c A_c)
    /// </code>
    /// </summary>
    HiResCam,
}

/// <summary>What a CAM is asked.</summary>
public sealed record CamSettings
{
    /// <summary>
    /// Layers by their names in <c>named_modules()</c>, coarse to fine where there are several; null, the default, for
    /// the model's <see cref="SegmentationModel.CamLayers"/>.
    /// </summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>The default is Grad-CAM, as in the paper's Fig. 4.</summary>
    public CamMethod Method { get; init; } = CamMethod.GradCam;

    /// <summary>The default is the predicted lesion.</summary>
    public CamPixels Pixels { get; init; } = CamPixels.PredictedLesion;
}
