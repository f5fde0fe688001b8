namespace C2FVL.Workbook.Notebooks;

/// <summary>What a cell holds.</summary>
internal enum CellKind
{
    Markdown,
    Code,
    Raw,
}
