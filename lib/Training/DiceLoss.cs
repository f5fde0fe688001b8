using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// The Dice loss of the released code, with p and t the probability and the mask, both halved:
/// <c>1 - (2 sum(p t) + s) / (sum(p²) + sum(t²) + s)</c>, s = 1e-5, for each image, then the mean over images.
/// </summary>
/// <remarks>Halving both changes nothing but the weight of s; it is kept because the released code does it.</remarks>
public static class DiceLoss
{
    private const double Smooth = 1e-5;
    private const double Weight = 0.5;

    /// <summary>The Dice loss of any <see cref="DiceKind"/>; the default is the released code's.</summary>
    /// <param name="probability">0 to 1, (B, ...).</param>
    /// <param name="mask">0 or 1, the same shape.</param>
    /// <param name="kind">Over what it is taken.</param>
    /// <returns>A scalar, 0 to 1; an empty prediction of an empty mask gives 0.</returns>
    public static Tensor Compute(Tensor probability, Tensor mask, DiceKind kind = DiceKind.PerImage)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = kind switch
        {
            DiceKind.PerImage => PerImage(probability.flatten(1) * Weight, mask.flatten(1) * Weight),
            DiceKind.BatchForeground => Batch(probability, mask, (probability + mask).sum()),
            _ => (Squared(probability, mask) + Squared(1 - probability, 1 - mask)) / 2,
        };
        return loss.MoveToOuterDisposeScope();

        static Tensor PerImage(Tensor p, Tensor t) // (B, pixels)
        {
            Tensor overlap = (p * t).sum(1), size = p.square().sum(1) + t.square().sum(1); // (B)
            return (1 - (2 * overlap + Smooth) / (size + Smooth)).mean();
        }

        static Tensor Squared(Tensor p, Tensor t) => Batch(p, t, (p.square() + t.square()).sum());

        static Tensor Batch(Tensor p, Tensor t, Tensor size) => 1 - (2 * (p * t).sum() + Smooth) / (size + Smooth);
    }
}

/// <summary>Over what the Dice loss is taken, with p the probability, t the mask and s = 1e-5.</summary>
public enum DiceKind
{
    /// <summary>The C2FVL authors': each image's lesion, squared denominators, then the mean over images.</summary>
    PerImage,

    /// <summary>
    /// nnU-Net's batch Dice: the lesion pixels of the whole batch at once, 1 - (2 sum(p t) + s) / (sum(p) + sum(t) +
    /// s).
    /// </summary>
    BatchForeground,

    /// <summary>
    /// Swin-Unet's and TransUNet's: the whole batch at once, squared denominators, and the mean of the lesion's Dice
    /// loss and the background's.
    /// </summary>
    BatchBothClasses,
}
