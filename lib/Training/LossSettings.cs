using System.Text.Json.Serialization;

namespace C2FVL.Training;

/// <summary>The weights of <see cref="SegmentationLoss"/>. The defaults are the paper's; all weights are at least 0.</summary>
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
    /// Whether a coarser output's mask takes the nearest pixel, as nnU-Net's; otherwise a pixel is lesion where at least
    /// half of its area is. The default is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NearestTargets { get; init; }

    /// <summary>Weight of the weighted binary cross entropy. The default is 0.5.</summary>
    public double Bce { get; init; } = 0.5;

    /// <summary>The cosine loss between alignment maps; models without such maps have none. The default is Up.</summary>
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

    /// <summary>Throws where a weight is out of its range, naming it and the range.</summary>
    internal void Validate()
    {
        foreach ((string name, double weight) in new[] { (nameof(Dice), Dice), (nameof(Bce), Bce), (nameof(Alpha), Alpha), (nameof(Beta), Beta), (nameof(Gamma), Gamma) })
        {
            if (!(weight >= 0 && double.IsFinite(weight)))
                throw new ArgumentException(FormattableString.Invariant($"The loss weight {name} is {weight}; it must be a number from 0 up."));
        }

        if (!(DeepDecay is > 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"The loss's DeepDecay is {DeepDecay}; it must be above 0 and at most 1."));
        if (!Enum.IsDefined(DiceKind) || !Enum.IsDefined(CrossEntropy))
            throw new ArgumentException($"The loss's DiceKind is {DiceKind} and its CrossEntropy {CrossEntropy}; they must be one of {string.Join(", ", Enum.GetNames<DiceKind>())} and one of {string.Join(", ", Enum.GetNames<CrossEntropyKind>())}.");
        if (!Enum.IsDefined(Cosine))
            throw new ArgumentException($"The loss's Cosine is {Cosine}; it must be one of {string.Join(", ", Enum.GetNames<CosineAlignment>())}.");
    }
}
