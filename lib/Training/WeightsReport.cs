namespace C2FVL.Training;

/// <summary>What loading a checkpoint did.</summary>
/// <param name="Loaded">The model's entries that were set, in the file's order.</param>
/// <param name="Skipped">Entries of the file, under their names without a <c>module.</c> prefix, that the released code saves and no model uses.</param>
/// <param name="Metadata">The file's free text.</param>
public sealed record WeightsReport(IReadOnlyList<string> Loaded, IReadOnlyList<string> Skipped, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>What was skipped, in words; empty where nothing was.</summary>
    public string Note => this.Skipped.Count == 0 ? "" : $"note: {this.Skipped.Count} entries that the released code saves and never uses are skipped: {string.Join(", ", this.Skipped)}";
}
