using CsvHelper;

namespace C2FVL.Data;

/// <summary>A row as it stands in a file.</summary>
/// <param name="Row">Counted from 1.</param>
/// <param name="Cells">By column, counted from 0; empty cells may be left out.</param>
/// <param name="Unstored">The first column with a formula whose value the file does not hold; null for none.</param>
internal sealed record SheetRow(int Row, SortedDictionary<int, string> Cells, int? Unstored = null)
{
    /// <summary>The columns by the names in the header above the row, without regard to capitals.</summary>
    public Dictionary<string, int> Columns { get; init; } = [];

    /// <summary>Why a row under a header cannot be trusted, with the cure; null where it can.</summary>
    public (string What, string Cure)? Problem { get; init; }

    /// <summary>A cell without outer spaces; empty where there is none.</summary>
    public string this[string column] =>
        Columns.TryGetValue(column, out int at) ? Cells.GetValueOrDefault(at, "").Trim() : "";

    public bool IsBlank => Unstored is null && Named.Count == 0;

    /// <summary>The cells that are not blank, without outer spaces: a header's names.</summary>
    public SortedDictionary<int, string> Named => new(Cells.Where(cell => cell.Value.Trim().Length > 0)
        .ToDictionary(cell => cell.Key, cell => cell.Value.Trim()));

    /// <summary>Whether a cell is one of the names.</summary>
    public bool Names(IEnumerable<string> names) => Named.Values.Intersect(names, ImageName.Comparer).Any();
}

/// <summary>
/// A workbook (.xlsx) or text file (.csv) as rows under a header. The header is the first row that names the wanted
/// column, wherever it stands and on whichever sheet; a workbook's sheets that have one are read one after another.
/// </summary>
/// <param name="Columns">The named columns; where there is no header, the cells of the first row that is not
/// blank.</param>
/// <param name="Rows">The rows under the header that are not blank.</param>
/// <param name="Faults">Columns of one name: the first is read and the others are not.</param>
internal sealed record SheetTable(
    IReadOnlyList<string> Columns, IReadOnlyList<SheetRow> Rows, IReadOnlyList<DataFault> Faults)
{
    /// <summary>The rows among which the header is looked for.</summary>
    private const int HeaderWithin = 50;

    public bool Has(string column) => Columns.Contains(column, ImageName.Comparer);

    /// <summary>What is there, for a message that says what is not.</summary>
    public string Described() =>
        Columns.Count == 0 ? "It is empty" : $"It has the columns {Wording.Listed(Columns, 12)}";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">The column that makes a row the header, then others that do where it is nowhere.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as a sheet.</exception>
    public static SheetTable Read(string path, IReadOnlyList<string> wanted)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file. Check the path.", path);
        bool isCsv = Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);
        try
        {
            if (!isCsv)
                return From(path, [.. WorkbookFile.Read(path)], wanted, isCsv);
            SheetTable[] tried = [.. new[] { ',', ';', '\t' }
                .Select(separator => From(path, [CsvRows(path, separator)], wanted, isCsv))];
            return tried.FirstOrDefault(table => table.Has(wanted[0])) ?? tried.MaxBy(table => table.Columns.Count)!;
        }
        // A broken file can fail anywhere in zip, XML or CSV reading. A workbook is unpacked beside temporary files.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException($"{path}: cannot be read" + (!isCsv && !Directory.Exists(Path.GetTempPath())
                ? $", because there is no folder {Path.GetTempPath()} for temporary files. Set TMPDIR (on Windows TMP) "
                + "to a folder that is there."
                : $" as {(isCsv ? "a CSV file" : "an Excel workbook (.xlsx)")} ({e.Message.TrimEnd('.')}). Save it "
                + "again in that format, or export it as CSV."), e);
        }
    }

    private static List<SheetRow> CsvRows(string path, char separator)
    {
        var options = new CsvReaderOptions
        { Separator = separator, HasHeader = false, TrackLineNumbers = true, SkipEmptyLines = true };
        var rows = new List<SheetRow>();
        if (new FileInfo(path).Length == 0)
            return rows;
        using var csv = CsvReader.FromFile(path, options);
        while (csv.Read())
            rows.Add(new SheetRow((int)csv.LineNumber,
                new(Enumerable.Range(0, csv.FieldCount).ToDictionary(i => i, csv.GetString))));
        return rows;
    }

    private static SheetTable From(string path, List<SheetRow>[] sheets, IReadOnlyList<string> wanted, bool isCsv)
    {
        (List<SheetRow> Sheet, SheetRow Header)[] found = [
            .. from sheet in sheets let header = HeaderOf(sheet, [wanted[0]])
               where header is not null select (sheet, header)];
        if (Array.Exists(found, HasMore))
            found = Array.FindAll(found, HasMore); // a sheet of remarks on the images is not the table
        if (found.Length == 0)
        {
            List<SheetRow> all = [.. sheets.SelectMany(sheet => sheet)];
            SheetRow? first = HeaderOf(all, wanted) ?? all.Find(row => !row.IsBlank);
            return new SheetTable([.. first?.Named.Values.AsEnumerable() ?? []], [], []);
        }

        return new SheetTable(
            [.. found.SelectMany(table => table.Header.Named.Values).Distinct(ImageName.Comparer)],
            [.. from table in found from below in table.Sheet.SkipWhile(row => row != table.Header).Skip(1)
                let row = Under(table.Header, below, isCsv)
                where row.Problem is not null || row.Columns.Keys.Any(name => row[name].Length > 0) select row],
            [.. from table in found from name in table.Header.Named.Values.CountBy(name => name, ImageName.Comparer)
                where name.Value > 1 && wanted.Contains(name.Key, ImageName.Comparer)
                select new DataFault(path, table.Header.Row,
                    $"Several columns are named {name.Key}; the first of them is read.",
                    "Keep one, and give the others other names.")]);

        bool HasMore((List<SheetRow> Sheet, SheetRow Header) table) => table.Header.Names(wanted.Skip(1));
    }

    private static SheetRow? HeaderOf(List<SheetRow> sheet, IEnumerable<string> wanted) =>
        sheet.Where(row => !row.IsBlank).Take(HeaderWithin).FirstOrDefault(row => row.Names(wanted));

    /// <summary>A row under its header; of two columns of one name the first counts.</summary>
    private static SheetRow Under(SheetRow header, SheetRow row, bool isCsv)
    {
        var columns = new Dictionary<string, int>(ImageName.Comparer);
        foreach ((int column, string name) in header.Named)
            columns.TryAdd(name, column);
        int fields = row.Named.Keys.LastOrDefault(-1) + 1, width = header.Cells.Keys.Last() + 1;
        return row with
        {
            Columns = columns,
            Problem = row.Cells.Values.Any(cell => cell.Contains('\uFFFD'))
                ? ("It has letters that are not UTF-8, so names and words may be wrong.",
                    "Export the sheet as CSV UTF-8.")
                : isCsv && fields > width
                ? ($"The row has {fields} fields and the header {width} columns: a comma in a field splits it.",
                    "Put the sentence in quotation marks, or export the sheet again as CSV.")
                : row.Unstored is int unstored && header.Named.TryGetValue(unstored, out string? under)
                ? ($"The cell under {under} is a formula whose value is not stored.",
                    "Open the workbook in Excel or LibreOffice and save it, or paste the values.") : null,
        };
    }
}
