namespace C2FVL.Training;

/// <summary>
/// Which of C2FVL's alignment maps is the anchor that the cosine loss draws the other three to. The weights alpha,
/// beta and gamma belong to the three others in the order of their layers.
/// </summary>
public enum CosineAlignment
{
    /// <summary>No cosine loss.</summary>
    None,

    /// <summary>
    /// The paper's L_up, Eq. 7-8: layer 4 against 1, 2 and 3, at the size of the mask (nearest neighbour). The one
    /// that wins in the paper's Table 3.
    /// </summary>
    Up,

    /// <summary>
    /// The paper's L_down, Eq. 9-10: layer 1 against 2, 3 and 4, average-pooled to the size of layer 4. The paper is
    /// silent on the resampling; this is our reading.
    /// </summary>
    Down,

    /// <summary>
    /// What the authors' released code computes, whatever the paper says: layer 1 against 2, 3 and 4, at the size of
    /// the mask (nearest neighbour).
    /// </summary>
    Released,
}
