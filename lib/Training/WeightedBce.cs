using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Training;

/// <summary>
/// The weighted binary cross entropy of the released code: half the mean over the lesion's pixels plus half the mean
/// over all others, each over the whole batch, so that a small lesion counts as much as the background.
/// </summary>
public static class WeightedBce
{
    /// <param name="logits">Before the sigmoid, any shape; large values neither overflow nor lose their
    /// gradient.</param>
    /// <param name="mask">0 or 1, the same shape.</param>
    /// <returns>A scalar, at least 0. A batch without lesion (or without background) has only the other half.</returns>
    public static Tensor Compute(Tensor logits, Tensor mask)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lesions = mask.sum().clamp_min(1);
        Tensor others = (1 - mask).sum().clamp_min(1);
        Tensor perPixel = functional.binary_cross_entropy_with_logits(logits, mask, reduction: Reduction.None);
        return (0.5 * (perPixel * mask).sum() / lesions + 0.5 * (perPixel * (1 - mask)).sum()
            / others).MoveToOuterDisposeScope();
    }
}

/// <summary>How the pixels of a batch weigh in the cross entropy.</summary>
public enum CrossEntropyKind
{
    /// <summary>
    /// The C2FVL authors': half the mean over the lesion's pixels plus half the mean over all others.
    /// </summary>
    Balanced,

    /// <summary>The mean over all pixels: nnU-Net's, Swin-Unet's and TransUNet's.</summary>
    Plain,
}
