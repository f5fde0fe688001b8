namespace C2FVL.Data;

/// <summary>
/// The public sets by name: the folder's under data/ or C2FVL_DATA, and what specs, presets and tables call them. How
/// each lies on disk is in <see cref="DatasetLayout"/>, the drawn sets are in C2FVL.Phantoms.
/// </summary>
public static class DataSets
{
    /// <summary>The paper's X-rays.</summary>
    public const string QaTa = "QaTa-COV19";

    /// <summary>The paper's CT slices.</summary>
    public const string MosMed = "MosMedData+";

    /// <summary>
    /// The CT slices that stand in for <see cref="MosMed"/> below the paper preset: 50 to train on and 48 to test on,
    /// without reports. It is another set, and tables say so.
    /// </summary>
    public const string MedSeg = "medseg-ct";
}
