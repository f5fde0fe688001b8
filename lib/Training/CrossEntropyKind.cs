namespace C2FVL.Training;

/// <summary>How the pixels of a batch weigh in the cross entropy.</summary>
public enum CrossEntropyKind
{
    /// <summary>The C2FVL authors': half the mean over the lesion's pixels plus half the mean over all others.</summary>
    Balanced,

    /// <summary>The mean over all pixels: nnU-Net's, Swin-Unet's and TransUNet's.</summary>
    Plain,
}
