using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// A 3x3 convolution over a skip and an upsampled map, without upsampling or concatenating. A convolution over [a, b]
/// is the sum of two convolutions. After nearest-neighbour upsampling by 2, the nine taps of a kernel meet only four
/// different pixels. So the second is the transposed convolution, stride 2, of the small map with the kernel <c>K = Aᵀ
/// W A</c>, whose entries are sums of W's: 16 products for four pixels instead of 36.
/// <code>
///     [ 0 0 1 1 ]
/// A = [ 0 1 1 0 ]     K[m] = W[2 - m] + W[3 - m] along each side, where W has them
///     [ 1 1 0 0 ]
/// </code>
/// </summary>
public static class UpsampledConv
{
    private static readonly float[] Side = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0];

    /// <summary>The convolution of <c>cat([skip, upsample2(below)])</c>: (B, Out, 2h, 2w).</summary>
    /// <param name="skip">(B, Skip, 2h, 2w).</param>
    /// <param name="below">(B, Below, h, w).</param>
    /// <param name="weight">(Out, Skip + Below, 3, 3).</param>
    /// <param name="bias">(Out).</param>
    public static Tensor Of(Tensor skip, Tensor below, Tensor weight, Tensor? bias)
    {
        long outputs = weight.shape[0], inputs = below.shape[1];
        Tensor[] weights = weight.split([skip.shape[1], inputs], 1);

        Tensor a = tensor(Side, 3, 4, dtype: weight.dtype, device: weight.device);
        Tensor kernel = weights[1].reshape(outputs * inputs, 9).matmul(a.kron(a)) // each W, row by row, to its K
            .reshape(outputs, inputs, 4, 4)
            .transpose(0, 1); // (Below, Out, 4, 4)
        Tensor map = functional.conv2d(skip, weights[0], bias, padding: [1, 1]);
        return map.add_(functional.conv_transpose2d(below, kernel, strides: [2, 2], padding: [1, 1]));
    }
}
