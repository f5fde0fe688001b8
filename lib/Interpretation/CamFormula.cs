using static TorchSharp.torch;

namespace C2FVL.Interpretation;

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
            throw new ArgumentException($"The layer {layer} gives ({string.Join(", ", output.shape)}); a CAM needs maps (B, C, h, w) or the tokens (B, h*w, C) of a square map.");
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
