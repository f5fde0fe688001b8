namespace C2FVL.Data;

/// <summary>What made the picture.</summary>
public enum ImageKind
{
    /// <summary>Chest X-ray.</summary>
    XRay,

    /// <summary>Computed tomography slice.</summary>
    CT,
}
