namespace C2FVL.Training;

/// <summary>What loading a checkpoint did.</summary>
/// <param name="Loaded">The model's entries that were set, in the file's order.</param>
/// <param name="Skipped">
/// Entries of the file, under their names without prefixes, that the released code saves and no model uses.
/// </param>
/// <param name="Metadata">The file's free text.</param>
public sealed record WeightsReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Skipped, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>What a PyTorch file holds beside the weights, such as epoch and optimizer.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>Prefixes that were dropped from names, such as <c>module.</c>.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = [];

    /// <summary>What was skipped or dropped, a line each; empty where nothing was.</summary>
    public string Note => string.Join('\n', new[]
    {
        Line("skipped beside the weights", this.Beside),
        Line("prefixes dropped from the names", this.Prefixes),
        Line("entries that the released code saves and never uses are skipped", this.Skipped),
    }.Where(line => line.Length > 0));

    private static string Line(string what, IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $"note: {what} ({names.Count}): {NameList.Of(names)}";
}
