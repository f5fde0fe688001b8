using CsvHelper;

namespace C2FVL.Data;

/// <summary>A row of a sheet under its header.</summary>
/// <param name="Row">The row in the file, counted from 1.</param>
/// <param name="Cells">The cells by column name, without regard to capitals.</param>
/// <param name="Problem">Why the row cannot be trusted, with the cure; null where it can.</param>
internal sealed record SheetRow(int Row, IReadOnlyDictionary<string, string> Cells, (string What, string Cure)? Problem)
{
    /// <summary>A cell without outer spaces; empty where there is none.</summary>
    public string this[string column] => Cells.GetValueOrDefault(column, "").Trim();

    public bool IsBlank => Problem is null && Cells.Values.All(string.IsNullOrWhiteSpace);
}

/// <summary>
/// A workbook (.xlsx) or text file (.csv) as rows under a header. The header is the first row that names the wanted
/// column, wherever it stands and on whichever sheet; a workbook's sheets that have one are read one after another.
/// </summary>
/// <param name="Columns">The named columns; where there is no header, the cells of the first row that is not
/// blank.</param>
/// <param name="Rows">The rows under the header that are not blank.</param>
internal sealed record SheetTable(IReadOnlyList<string> Columns, IReadOnlyList<SheetRow> Rows)
{
    /// <summary>The rows among which the header is looked for.</summary>
    private const int HeaderWithin = 50;

    private static readonly char[] Separators = [',', ';', '\t'];

    /// <summary>Columns of one name, with the row of their header: the first is read and the others are not.</summary>
    public IReadOnlyList<(int Row, string Column)> Doubled { get; private init; } = [];

    public bool Has(string column) => Columns.Contains(column, ImageName.Comparer);

    /// <summary>What is there, for a message that says what is not.</summary>
    public string Described() =>
        Columns.Count == 0 ? "It is empty" : $"It has the columns {Wording.FirstOf(Columns, 12)}";

    /// <summary>The doubled columns as errors of a file.</summary>
    public IEnumerable<DataFault> DoubledFaults(string path) => Doubled.Select(column => new DataFault(
        path, column.Row, $"Several columns are named {column.Column}; the first of them is read.",
        "Keep one, and give the others other names."));

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
        if (new FileInfo(path).Length == 0)
            throw new InvalidDataException(isCsv
                ? $"{path}: the column {wanted[0]} is missing. It is empty. Name the column that holds the image "
                + $"file names {wanted[0]}."
                : $"{path}: cannot be read as an Excel workbook (.xlsx) (it is empty). Save it again in that "
                + "format, or export it as CSV.");

        try
        {
            return isCsv ? ReadCsv(path, wanted) : Of([.. WorkbookFile.Read(path)], wanted, isCsv: false);
        }
        // A workbook is unpacked beside the system's temporary files.
        catch (IOException e) when (!isCsv && !Directory.Exists(Path.GetTempPath()))
        {
            throw new InvalidDataException(
                $"{path}: cannot be read, because there is no folder {Path.GetTempPath()} for temporary files. "
                + "Set TMPDIR (on Windows TMP) to a folder that is there.", e);
        }
        // a broken file can fail anywhere in zip, XML or CSV reading
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException(
                $"{path}: cannot be read as {(isCsv ? "a CSV file" : "an Excel workbook (.xlsx)")} "
                + $"({e.Message.TrimEnd('.')}). Save it again in that format, or export it as CSV.", e);
        }
    }

    private static SheetTable ReadCsv(string path, IReadOnlyList<string> wanted)
    {
        SheetTable[] tried = [.. Separators.Select(separator => Of([CsvRows(path, separator)], wanted, isCsv: true))];
        return tried.FirstOrDefault(table => table.Has(wanted[0])) ?? tried.MaxBy(table => table.Columns.Count)!;
    }

    private static List<RawRow> CsvRows(string path, char separator)
    {
        var options = new CsvReaderOptions
        { Separator = separator, HasHeader = false, TrackLineNumbers = true, SkipEmptyLines = true };
        using var csv = CsvReader.FromFile(path, options);
        var rows = new List<RawRow>();
        while (csv.Read())
            rows.Add(new RawRow((int)csv.LineNumber,
                new(Enumerable.Range(0, csv.FieldCount).ToDictionary(i => i, csv.GetString)), null));
        return rows;
    }

    private static SheetTable Of(IReadOnlyList<List<RawRow>> sheets, IReadOnlyList<string> wanted, bool isCsv)
    {
        (List<RawRow> Sheet, RawRow Header)[] found = [
            .. from sheet in sheets let header = HeaderOf(sheet, [wanted[0]])
               where header is not null select (sheet, header)];
        if (Array.Exists(found, HasMore))
            found = Array.FindAll(found, HasMore); // a sheet of remarks on the images is not the table
        List<string> columns = [];
        List<SheetRow> rows = [];
        List<(int, string)> doubled = [];
        foreach ((List<RawRow> sheet, RawRow header) in found)
        {
            Dictionary<int, string> names = header.Cells.Where(cell => cell.Value.Trim().Length > 0)
                .ToDictionary(cell => cell.Key, cell => cell.Value.Trim());
            columns.AddRange(names.Values.Where(name => !columns.Contains(name, ImageName.Comparer)));
            doubled.AddRange(names.Values.CountBy(name => name, ImageName.Comparer)
                .Where(name => name.Value > 1 && wanted.Contains(name.Key, ImageName.Comparer))
                .Select(name => (header.Row, name.Key)));
            int width = isCsv ? header.Cells.Keys.Last() + 1 : int.MaxValue;
            rows.AddRange(sheet.SkipWhile(row => row != header).Skip(1).Select(row => Named(row, names, width))
                .Where(row => !row.IsBlank));
        }

        if (columns.Count > 0)
            return new SheetTable(columns, rows) { Doubled = doubled };
        List<RawRow> all = [.. sheets.SelectMany(sheet => sheet)];
        RawRow? first = HeaderOf(all, wanted) ?? all.Find(row => !row.IsBlank);
        IEnumerable<string> cells = first?.Cells.Values.Select(cell => cell.Trim()) ?? [];
        return new SheetTable([.. cells.Where(cell => cell.Length > 0)], []);

        bool HasMore((List<RawRow> Sheet, RawRow Header) table) => table.Header.Names(wanted.Skip(1));
    }

    private static RawRow? HeaderOf(List<RawRow> sheet, IEnumerable<string> wanted) =>
        sheet.Where(row => !row.IsBlank).Take(HeaderWithin).FirstOrDefault(row => row.Names(wanted));

    /// <summary>A row's cells by column name; of two columns of one name the first counts.</summary>
    private static SheetRow Named(RawRow row, Dictionary<int, string> names, int width)
    {
        var cells = new Dictionary<string, string>(ImageName.Comparer);
        foreach ((int column, string name) in names.OrderBy(name => name.Key))
            cells.TryAdd(name, row.Cells.GetValueOrDefault(column, ""));
        int fields = row.Cells.LastOrDefault(cell => cell.Value.Trim().Length > 0, new(-1, "")).Key + 1;
        (string, string)? problem = null;
        if (row.Cells.Values.Any(cell => cell.Contains('\uFFFD')))
            problem = ("It has letters that are not UTF-8, so names and words may be wrong.",
                "Export the sheet as CSV UTF-8.");
        else if (fields > width)
            problem = ($"The row has {fields} fields and the header {width} columns: a comma in a field splits it.",
                "Put the sentence in quotation marks, or export the sheet again as CSV.");
        else if (row.Unstored is int unstored && names.TryGetValue(unstored, out string? under))
            problem = ($"The cell under {under} is a formula whose value is not stored.",
                "Open the workbook in Excel or LibreOffice and save it, or paste the values.");
        return new SheetRow(row.Row, cells, problem);
    }

    /// <summary>A row as it stands in the file.</summary>
    /// <param name="Row">Counted from 1.</param>
    /// <param name="Cells">By column, counted from 0; empty cells may be left out.</param>
    /// <param name="Unstored">The first column with a formula whose value the file does not hold; null for
    /// none.</param>
    internal sealed record RawRow(int Row, SortedDictionary<int, string> Cells, int? Unstored)
    {
        public bool IsBlank => Unstored is null && Cells.Values.All(string.IsNullOrWhiteSpace);

        /// <summary>Whether a cell is one of the names.</summary>
        public bool Names(IEnumerable<string> names) =>
            Cells.Values.Any(cell => names.Contains(cell.Trim(), ImageName.Comparer));
    }
}
