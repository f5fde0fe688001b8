namespace C2FVL.Data;

/// <summary>The four sources of MosMedData+, told by how a slice's name begins; the paper's 8:1:1 split is drawn within each.</summary>
public static class MosMedPrefix
{
    public static IReadOnlyList<string> All { get; } = ["bjorke", "Jun_coronacases", "Jun_radiopaedia", "Morozov_study"];

    /// <summary>The prefix of a case id; null where it has none of the four.</summary>
    public static string? Of(string caseId) =>
        All.FirstOrDefault(prefix => caseId.StartsWith(prefix + "_", StringComparison.OrdinalIgnoreCase));
}
