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

    /// <summary>
    /// The four sources of <see cref="MosMed"/>, by how a slice's name begins; the paper's 8:1:1 split is drawn within
    /// each.
    /// </summary>
    public static IReadOnlyList<string> MosMedSources { get; } =
        ["bjorke", "Jun_coronacases", "Jun_radiopaedia", "Morozov_study"];

    /// <summary>The source of a case of <see cref="MosMed"/> by its id; null where it has none of the four.</summary>
    public static string? MosMedSource(string caseId) => MosMedSources.FirstOrDefault(
        source => caseId.StartsWith(source + "_", StringComparison.OrdinalIgnoreCase));
}
