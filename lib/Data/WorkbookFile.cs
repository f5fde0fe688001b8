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
    public static IEnumerable<List<SheetTable.RawRow>> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using (var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true))
        {
            if (zip.Entries.Sum(entry => entry.Length) > MostBytes)
                throw new InvalidDataException($"unpacked it is larger than {MostBytes >> 20} MiB");
        }

        file.Position = 0;
        using SpreadsheetDocument document = SpreadsheetDocument.Open(file, isEditable: false);
        WorkbookPart book = document.WorkbookPart ?? throw new InvalidDataException("it has no workbook part");
        string[] shared = [
            .. book.SharedStringTablePart?.SharedStringTable?.Elements<SharedStringItem>().Select(Text) ?? []];
        foreach (Sheet sheet in book.Workbook?.Sheets?.Elements<Sheet>() ?? [])
        {
            if (sheet.Id?.Value is string id && book.GetPartById(id) is WorksheetPart part)
                yield return Rows(part, shared);
        }
    }

    private static List<SheetTable.RawRow> Rows(WorksheetPart part, string[] shared)
    {
        var rows = new List<SheetTable.RawRow>();
        var merged = new List<string>();
        using OpenXmlReader reader = OpenXmlReader.Create(part);
        int last = 0;
        while (reader.Read())
        {
            if (!reader.IsStartElement)
                continue;
            if (reader.ElementType == typeof(MergeCell)
                && reader.LoadCurrentElement() is MergeCell { Reference.Value: string reference })
                merged.Add(reference);
            if (reader.ElementType != typeof(Row) || reader.LoadCurrentElement() is not Row row)
                continue;
            long number = row.RowIndex?.Value ?? (uint)(last + 1);
            if (number is < 1 or > MostRows)
                throw new InvalidDataException($"it has a row {number}, and a worksheet has at most {MostRows}");
            last = (int)number;
            rows.Add(RowOf(row, last, shared));
        }

        Fill(rows, merged);
        return rows;
    }

    private static SheetTable.RawRow RowOf(Row row, int number, string[] shared)
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
                unstored = literal.Success ? unstored : unstored ?? column;
            }

            if (text.Length > 0)
                cells[column] = text;
        }

        return new SheetTable.RawRow(number, cells, unstored);
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

    private static void Fill(List<SheetTable.RawRow> rows, List<string> merged)
    {
        foreach (string[] corners in merged.Select(reference => reference.Split(':')).Where(two => two.Length == 2))
        {
            (int firstRow, int lastRow) = (RowNumber(corners[0]), RowNumber(corners[1]));
            int column = Column(corners[0]);
            string? value = rows.Find(row => row.Row == firstRow)?.Cells.GetValueOrDefault(column);
            if (value is null || column != Column(corners[1]))
                continue; // a title across columns stays one cell
            foreach (SheetTable.RawRow row in rows.Where(row => row.Row > firstRow && row.Row <= lastRow))
                row.Cells[column] = value;
        }
    }

    /// <summary>The column of a reference such as "AB12", counted from 0.</summary>
    private static int Column(string reference)
    {
        int column = 0;
        foreach (char letter in reference.TakeWhile(char.IsAsciiLetter).Take(4))
            column = (column * 26) + char.ToUpperInvariant(letter) - 'A' + 1;
        return column - 1;
    }

    private static int RowNumber(string reference) =>
        int.TryParse(reference.AsSpan(reference.Count(char.IsAsciiLetter)), out int row) ? row : 0;

    /// <summary>A formula that is nothing but a text.</summary>
    [GeneratedRegex("^\"((?:[^\"]|\"\")*)\"$")]
    private static partial Regex Literal();
}
