using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Eq. 3, the multi-scale vision-language aggregation: the text vector is repeated along the channels and multiplies a
/// skip. Channel c is multiplied by entry c mod 8, so a zero silences its channels and the count scales its channels.
/// </summary>
public static class TextScaling
{
    /// <summary>
    /// Replaces each missing report, a row with NaN, by ones. Ones leave the skip unchanged; zeros would silence it.
    /// </summary>
    /// <param name="text">(B, 8).</param>
    public static Tensor MissingAsOnes(Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor isMissing = text.isnan().any(1, keepdim: true); // (B, 1)
        return where(isMissing, ones_like(text), text).MoveToOuterDisposeScope();
    }

    /// <summary>The skip times the repeated vector: (B, C, h, w), C a multiple of 8.</summary>
    /// <param name="skip">(B, C, h, w).</param>
    /// <param name="text">(B, 8), without NaN.</param>
    public static Tensor Apply(Tensor skip, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        // (B, C, 1, 1)
        Tensor perChannel = text.repeat(1, skip.shape[1] / TextVector.Length).unsqueeze(-1).unsqueeze(-1);
        return (skip * perChannel).MoveToOuterDisposeScope();
    }
}
