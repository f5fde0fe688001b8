using System.IO.Compression;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace C2FVL.Data;

/// <summary>
/// Reads the cells of a workbook (.xlsx), row by row as stored: what is empty takes neither time nor memory.
/// </summary>
internal static partial class WorkbookFile
{
    /// <summary>Excel's own limits.</summary>
    private const int MostRows = 1_048_576, MostColumns = 16_384;

    /// <summary>Unpacked size above which a workbook is refused: a small file can unpack to gigabytes.</summary>
    private const long MostBytes = 512L << 20;

    /// <summary>
    /// The rows of each worksheet, in the workbook's order. Merged cells all have the value of the first.
    /// </summary>
    /// <exception cref="InvalidDataException">The workbook breaks a limit of its format.</exception>
    public static IEnumerable<List<SheetRow>> Read(string path)
    {
        using (ZipArchive zip = ZipFile.OpenRead(path))
        {
            if (zip.Entries.Sum(entry => entry.Length) > MostBytes)
                throw new InvalidDataException($"unpacked it is larger than {MostBytes >> 20} MiB");
        }

        using SpreadsheetDocument document = SpreadsheetDocument.Open(path, isEditable: false);
        WorkbookPart book = document.WorkbookPart ?? throw new InvalidDataException("it has no workbook part");
        string[] shared = [
            .. book.SharedStringTablePart?.SharedStringTable?.Elements<SharedStringItem>().Select(Text) ?? []];
        foreach (Sheet sheet in book.Workbook?.Sheets?.Elements<Sheet>() ?? [])
        {
            if (sheet.Id?.Value is string id && book.GetPartById(id) is WorksheetPart part)
                yield return Rows(part, shared);
        }
    }

    private static List<SheetRow> Rows(WorksheetPart part, string[] shared)
    {
        var rows = new List<SheetRow>();
        foreach (Row row in part.Worksheet?.Descendants<Row>() ?? [])
        {
            long number = row.RowIndex?.Value ?? (rows.Count == 0 ? 1 : rows[^1].Row + 1L);
            if (number is < 1 or > MostRows)
                throw new InvalidDataException($"it has a row {number}, and a worksheet has at most {MostRows}");
            rows.Add(RowOf(row, (int)number, shared));
        }

        // Merged cells of one column all have the value of the first; a title across columns stays one cell.
        foreach (string[] corners in part.Worksheet?.Descendants<MergeCell>()
            .Select(merged => merged.Reference?.Value?.Split(':') ?? []).Where(two => two.Length == 2) ?? [])
        {
            (int column, int first, int last) = (Column(corners[0]), RowNumber(corners[0]), RowNumber(corners[1]));
            if (column == Column(corners[1])
                && rows.Find(row => row.Row == first)?.Cells.GetValueOrDefault(column) is string value)
                rows.FindAll(row => row.Row > first && row.Row <= last).ForEach(row => row.Cells[column] = value);
        }

        return rows;
    }

    private static SheetRow RowOf(Row row, int number, string[] shared)
    {
        var cells = new SortedDictionary<int, string>();
        int? unstored = null;
        int column = -1;
        foreach (Cell cell in row.Elements<Cell>())
        {
            column = cell.CellReference?.Value is string reference ? Column(reference) : column + 1;
            if (column >= MostColumns)
                throw new InvalidDataException(
                    $"row {number} has a cell {cell.CellReference?.Value}, and a worksheet has at most "
                        + $"{MostColumns} columns");
            string text = TextOf(cell, shared);
            if (text.Length == 0 && cell.CellFormula?.Text is { Length: > 0 } formula)
            {
                Match literal = Literal().Match(formula);
                text = literal.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
                unstored ??= literal.Success ? null : column;
            }

            if (text.Length > 0)
                cells[column] = text;
        }

        return new SheetRow(number, cells, unstored);
    }

    private static string TextOf(Cell cell, string[] shared)
    {
        if (cell.InlineString is InlineString inline)
            return Text(inline);
        if (cell.DataType?.Value != CellValues.SharedString)
            return cell.CellValue?.Text ?? "";
        return int.TryParse(cell.CellValue?.Text, out int index) && (uint)index < (uint)shared.Length ? shared[index]
            : throw new InvalidDataException($"cell {cell.CellReference?.Value} refers to a text that is missing");
    }

    /// <summary>The text of a cell without the pronunciation that East Asian workbooks store beside it.</summary>
    private static string Text(OpenXmlElement item) =>
        string.Concat(item.Descendants<Text>().Where(text => text.Parent is not PhoneticRun).Select(text => text.Text));

    /// <summary>The column of a reference such as "AB12", counted from 0.</summary>
    private static int Column(string reference) => reference.TakeWhile(char.IsAsciiLetter).Take(4)
        .Aggregate(0, (column, letter) => (column * 26) + char.ToUpperInvariant(letter) - 'A' + 1) - 1;

    private static int RowNumber(string reference) =>
        int.TryParse(reference.AsSpan(reference.Count(char.IsAsciiLetter)), out int row) ? row : 0;

    /// <summary>A formula that is nothing but a text.</summary>
    [GeneratedRegex("^\"((?:[^\"]|\"\")*)\"$")]
    private static partial Regex Literal();
}
