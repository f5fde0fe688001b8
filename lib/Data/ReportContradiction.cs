namespace C2FVL.Data;

/// <summary>A report that cannot all be true.</summary>
/// <param name="Case">Whose report it is.</param>
/// <param name="Problems">What contradicts what, each a sentence.</param>
public sealed record ReportContradiction(Case Case, IReadOnlyList<string> Problems);
