using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Training;

/// <summary>
/// The loss of all ten methods: Dice and cross entropy, and where a model has them the cosine loss between
/// alignment maps (C2FVL), coarser outputs (deep supervision) and a term of its own.
/// <code>
/// L = 0.5 Dice + 0.5 BCE + alpha (1 - cos) + beta (1 - cos) + gamma (1 - cos)
/// </code>
/// </summary>
public sealed class SegmentationLoss
{
    private readonly LossSettings settings;

    /// <exception cref="ArgumentException">A weight is out of its range; the message names it and the range.</exception>
    public SegmentationLoss(LossSettings settings)
    {
        settings.Validate();
        this.settings = settings;
    }

    /// <summary>The loss of one batch.</summary>
    /// <param name="output">What the model returned.</param>
    /// <param name="mask">(B, 1, S, S), float32, 0 or 1.</param>
    public LossTerms Compute(ModelOutput output, Tensor mask)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor dice = DiceLoss.Compute(output.Probability, mask, settings.DiceKind);
        Tensor bce = CrossEntropy(output.Logits, mask);
        Tensor cosine = Cosine(output, mask);

        Tensor total = DeeplySupervised(settings.Dice * dice + settings.Bce * bce, output, mask) + cosine;
        if (output.AuxiliaryLoss is not null)
            total = total + output.AuxiliaryLoss;

        return new LossTerms(total.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope(), bce.MoveToOuterDisposeScope(), cosine.MoveToOuterDisposeScope());
    }

    private Tensor Cosine(ModelOutput output, Tensor mask)
    {
        if (settings.Cosine == CosineAlignment.None || output.AlignmentMaps.Count == 0)
            return zeros(1, device: mask.device).squeeze();
        return CosineLoss.Compute(output.AlignmentMaps, settings.Cosine, [settings.Alpha, settings.Beta, settings.Gamma]);
    }

    /// <summary>The mean over the final and the coarser outputs, finest first, each weighing less than the one before.</summary>
    private Tensor DeeplySupervised(Tensor final, ModelOutput output, Tensor mask)
    {
        Tensor sum = final;
        double weight = 1, weights = 1;
        foreach (Tensor logits in output.DeepLogits)
        {
            weight *= settings.DeepDecay;
            weights += weight;
            Tensor resized = MaskAt(mask, logits);
            sum = sum + weight * (settings.Dice * DiceLoss.Compute(logits.sigmoid(), resized, settings.DiceKind) + settings.Bce * CrossEntropy(logits, resized));
        }

        return sum / weights;
    }

    private Tensor CrossEntropy(Tensor logits, Tensor mask) => settings.CrossEntropy == CrossEntropyKind.Plain
        ? functional.binary_cross_entropy_with_logits(logits, mask)
        : WeightedBce.Compute(logits, mask);

    /// <summary>The mask at an output's size: the nearest pixel, or by area and then lesion where at least half is.</summary>
    private Tensor MaskAt(Tensor mask, Tensor logits)
    {
        if (mask.shape[2] == logits.shape[2] && mask.shape[3] == logits.shape[3])
            return mask;
        if (settings.NearestTargets)
            return functional.interpolate(mask, [logits.shape[2], logits.shape[3]], mode: InterpolationMode.Nearest);
        return functional.adaptive_avg_pool2d(mask, [logits.shape[2], logits.shape[3]]).ge(0.5).to(mask.dtype);
    }
}
