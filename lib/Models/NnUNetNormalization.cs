namespace C2FVL.Models;

/// <summary>How nnU-Net normalises an image's intensities.</summary>
public enum NnUNetNormalization
{
    /// <summary>Each image by its own mean and standard deviation: nnU-Net's rule for all but CT.</summary>
    ZScore,

    /// <summary>
    /// Clipped to the 0.5 and 99.5 percentiles of the data set's lesion pixels, then by their mean and standard
    /// deviation: nnU-Net's rule for CT, whose values mean the same in every image.
    /// </summary>
    CT,
}
