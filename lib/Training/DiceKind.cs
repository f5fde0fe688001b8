namespace C2FVL.Training;

/// <summary>Over what the Dice loss is taken, with p the probability, t the mask and s = 1e-5.</summary>
public enum DiceKind
{
    /// <summary>The C2FVL authors': each image's lesion, squared denominators, then the mean over images.</summary>
    PerImage,

    /// <summary>
    /// nnU-Net's batch Dice: the lesion pixels of the whole batch at once, 1 - (2 sum(p t) + s) / (sum(p) + sum(t) + s).
    /// </summary>
    BatchForeground,

    /// <summary>
    /// Swin-Unet's and TransUNet's: the whole batch at once, squared denominators, and the mean of the lesion's Dice loss
    /// and the background's.
    /// </summary>
    BatchBothClasses,
}
