namespace C2FVL.Data;

/// <summary>How a mask is brought to the network's size.</summary>
public enum MaskRule
{
    /// <summary>A pixel is lesion where lesion covers at least half of its area. Keeps a lesion's area.</summary>
    AreaHalf,

    /// <summary>
    /// What the authors' released code does: bilinear between pixel centres, then lesion wherever anything is left
    /// above 0. Makes lesions grow by a rim when it enlarges.
    /// </summary>
    Authors,
}
