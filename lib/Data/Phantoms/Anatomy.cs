namespace C2FVL.Data.Phantoms;

/// <summary>
/// One patient's body. Points are in body coordinates: origin in the middle of the picture, x to the picture's right,
/// y down, one unit the side of the picture. Sides are -1 (left in the picture) and 1 (right).
/// </summary>
internal abstract class Anatomy
{
    /// <summary>How wide the rim of an opacity is, as a share of its field's threshold.</summary>
    public abstract float Softness { get; }

    /// <summary>How deep a point lies in the lung of a side; negative outside. Each lung keeps to its half of the picture.</summary>
    public abstract float LungDepth(int side, float x, float y);

    /// <summary>What the detector sees at a point, about 0 (air) to 1 (bone).</summary>
    /// <param name="x">Body coordinate.</param>
    /// <param name="y">Body coordinate.</param>
    /// <param name="pixel">The side of a pixel: nothing is drawn sharper than that.</param>
    /// <param name="opacity">How much of an opacity lies there, 0 to 1.</param>
    public abstract float Density(float x, float y, float pixel, float opacity);

    /// <summary>The body of a patient.</summary>
    public static Anatomy Of(ImageKind kind, Random random) => kind == ImageKind.CT ? new CtAnatomy(random) : new XRayAnatomy(random);
}
