namespace C2FVL.Workbook.Notebooks;

/// <summary>What a run of the workbook made.</summary>
/// <param name="Faults">Why notebooks stopped; empty where all ran to their end.</param>
/// <param name="Figures">The figures' files.</param>
/// <param name="Tables">The tables' files.</param>
/// <param name="Page">The HTML page; null where nothing ran.</param>
internal sealed record RunResult(IReadOnlyList<CellFault> Faults, IReadOnlyList<string> Figures, IReadOnlyList<string> Tables, string? Page);
