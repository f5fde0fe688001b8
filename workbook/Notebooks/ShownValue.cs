namespace C2FVL.Workbook.Notebooks;

/// <summary>A value that a cell has shown, as it stands.</summary>
/// <param name="Value">The value itself, for saving figures and tables.</param>
/// <param name="Bundle">From mime type to text, pictures as base64.</param>
/// <param name="IsResult">Whether it is the cell's trailing expression.</param>
internal sealed record ShownValue(object? Value, IReadOnlyDictionary<string, string> Bundle, bool IsResult);
