namespace C2FVL.Workbook.Notebooks;

/// <summary>Why a cell stopped, or may not start.</summary>
/// <param name="Notebook">The notebook's name.</param>
/// <param name="Cell">The code cell's number, from 1, as a host shows it beside the cell; for a markdown cell its place among all cells.</param>
/// <param name="Line">The line in the cell, from 1; null where it is not known.</param>
/// <param name="Source">That line's text.</param>
/// <param name="Kind">The exception's type, or a compiler's or the guard's code.</param>
/// <param name="Message">What went wrong.</param>
internal sealed record CellFault(string Notebook, int Cell, int? Line, string? Source, string Kind, string Message)
{
    public bool IsMarkdown { get; init; }

    /// <summary>Where, the source line, and the error.</summary>
    public override string ToString()
    {
        string where = $"{Notebook}, {(IsMarkdown ? "" : "code ")}cell {Cell}" + (Line is int line ? $", line {line}" : "");
        return Source is null ? $"{where}: {Kind}: {Message}" : $"{where}: {Source.Trim()}\n    {Kind}: {Message}";
    }
}
