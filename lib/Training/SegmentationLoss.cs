using System.Text.Json.Serialization;
using C2FVL.Models;
using C2FVL.Platform;
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

    /// <exception cref="ArgumentException">A weight is out of its range; the message names it and the
    /// range.</exception>
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

        return new LossTerms(total.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope(),
            bce.MoveToOuterDisposeScope(), cosine.MoveToOuterDisposeScope());
    }

    private Tensor Cosine(ModelOutput output, Tensor mask)
    {
        if (settings.Cosine == CosineAlignment.None || output.AlignmentMaps.Count == 0)
            return zeros(1, device: mask.device).squeeze();
        return CosineLoss.Compute(
            output.AlignmentMaps, settings.Cosine, [settings.Alpha, settings.Beta, settings.Gamma]);
    }

    /// <summary>
    /// The mean over the final and the coarser outputs, finest first, each weighing less than the one before.
    /// </summary>
    private Tensor DeeplySupervised(Tensor final, ModelOutput output, Tensor mask)
    {
        Tensor sum = final;
        double weight = 1, weights = 1;
        foreach (Tensor logits in output.DeepLogits)
        {
            weight *= settings.DeepDecay;
            weights += weight;
            Tensor resized = MaskAt(mask, logits);
            sum = sum + weight * (settings.Dice * DiceLoss.Compute(logits.sigmoid(), resized, settings.DiceKind)
                + settings.Bce * CrossEntropy(logits, resized));
        }

        return sum / weights;
    }

    private Tensor CrossEntropy(Tensor logits, Tensor mask) => settings.CrossEntropy == CrossEntropyKind.Plain
        ? functional.binary_cross_entropy_with_logits(logits, mask)
        : WeightedBce.Compute(logits, mask);

    /// <summary>
    /// The mask at an output's size: the nearest pixel, or by area and then lesion where at least half is.
    /// </summary>
    private Tensor MaskAt(Tensor mask, Tensor logits)
    {
        long[] size = logits.shape[2..];
        if (mask.shape[2..].SequenceEqual(size))
            return mask;
        return settings.NearestTargets
            ? functional.interpolate(mask, size, mode: InterpolationMode.NearestExact)
            : functional.adaptive_avg_pool2d(mask, size).ge(0.5).to(mask.dtype);
    }
}

/// <summary>The loss of one batch and what it is made of, scalars all.</summary>
/// <param name="Total">What is minimised: the weighted terms, deep supervision and the model's own loss
/// included.</param>
/// <param name="Dice">The Dice loss of the final mask, 0 to 1, before its weight.</param>
/// <param name="Bce">The weighted cross entropy of the final mask, before its weight.</param>
/// <param name="Cosine">The cosine loss with alpha, beta and gamma in it; 0 if there is none.</param>
public sealed record LossTerms(Tensor Total, Tensor Dice, Tensor Bce, Tensor Cosine);

/// <summary>
/// The weights of <see cref="SegmentationLoss"/>. The defaults are the paper's; all weights are at least 0.
/// </summary>
public sealed record LossSettings
{
    /// <summary>Weight of the Dice loss. The default is 0.5.</summary>
    public double Dice { get; init; } = 0.5;

    /// <summary>Over what the Dice loss is taken. The default is each image's lesion.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DiceKind DiceKind { get; init; } = DiceKind.PerImage;

    /// <summary>How the pixels weigh in the cross entropy. The default is balanced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public CrossEntropyKind CrossEntropy { get; init; } = CrossEntropyKind.Balanced;

    /// <summary>
    /// Whether a coarser output's mask takes the nearest pixel, as nnU-Net's; otherwise a pixel is lesion where at
    /// least half of its area is. The default is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NearestTargets { get; init; }

    /// <summary>Weight of the weighted binary cross entropy. The default is 0.5.</summary>
    public double Bce { get; init; } = 0.5;

    /// <summary>
    /// The cosine loss between alignment maps; models without such maps have none. The default is Up.
    /// </summary>
    public CosineAlignment Cosine { get; init; } = CosineAlignment.Up;

    /// <summary>Weight of the anchor against the first of the other layers. The default is 0.5.</summary>
    public double Alpha { get; init; } = 0.5;

    /// <summary>Weight of the anchor against the second of the other layers. The default is 0.5.</summary>
    public double Beta { get; init; } = 0.5;

    /// <summary>Weight of the anchor against the third of the other layers. The default is 0.5.</summary>
    public double Gamma { get; init; } = 0.5;

    /// <summary>
    /// How much less each coarser output of a model with deep supervision weighs than the one before, above 0 to 1;
    /// the weights of all outputs are then scaled to sum to 1. The default is 0.5.
    /// </summary>
    public double DeepDecay { get; init; } = 0.5;

    /// <summary>Throws if a weight is out of its range, naming it and the range.</summary>
    internal void Validate()
    {
        (string, double)[] weights = [(nameof(Dice), Dice), (nameof(Bce), Bce),
            (nameof(Alpha), Alpha), (nameof(Beta), Beta), (nameof(Gamma), Gamma)];
        foreach ((string name, double weight) in weights)
            SettingRange.Require(
                weight >= 0 && double.IsFinite(weight), weight, "a number from 0 up", $"The loss weight {name}");
        SettingRange.Require(
            DeepDecay is > 0 and <= 1, DeepDecay, "above 0 and at most 1", $"The loss's {nameof(DeepDecay)}");
        SettingRange.RequireName(DiceKind, $"The loss's {nameof(DiceKind)}");
        SettingRange.RequireName(CrossEntropy, $"The loss's {nameof(CrossEntropy)}");
        SettingRange.RequireName(Cosine, $"The loss's {nameof(Cosine)}");
    }
}
