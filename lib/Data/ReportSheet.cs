using System.Globalization;
using C2FVL.Platform;
using MiniExcelLibs;

namespace C2FVL.Data;

/// <summary>
/// A workbook (.xlsx) or text file (.csv) of reports: Image and Description, the eight columns, or all of them.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">The rows that name an image, in the file's order, one an image.</param>
/// <param name="Faults">The rows that were not understood, and those whose sentence and columns differ.</param>
public sealed record ReportSheet(string Path, IReadOnlyList<ReportRow> Rows, IReadOnlyList<DataFault> Faults)
{
    private const string ImageColumn = "Image";
    private const string SentenceColumn = "Description";

    /// <summary>The extensions that <see cref="Read"/> reads.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".xlsx", ".csv"];

    /// <summary>
    /// Reads a sheet. Capitals in column names do not matter. Where a row has both, the columns are the report (they
    /// are what the network reads), and a difference from the sentence becomes an error. A row that is not
    /// understood becomes an error; the others are read.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as a sheet, or lacks a column that is
    /// needed.</exception>
    public static ReportSheet Read(string path)
    {
        SheetTable table = SheetTable.Read(path, [ImageColumn, SentenceColumn, .. LesionReport.Columns]);
        var rows = new OrderedDictionary<string, ReportRow>(ImageName.Comparer);
        var faults = new List<DataFault>();
        bool hasColumns = CheckColumns(path, table, faults);
        faults.AddRange(table.Faults);
        foreach (SheetRow cells in table.Rows)
        {
            string image = cells[ImageColumn];
            if (cells.Problem is (string what, string cure))
                Fault(what, cure);
            else if (image.Length == 0)
                Fault("The row names no image.",
                    "Write the image's file name in the column Image, or delete the row.");
            if (image.Length == 0)
                continue;

            LesionReport? report = cells.Problem is null ? ReadReport(cells, hasColumns, Fault) : null;
            var read = new ReportRow(cells.Row, image, report, report is null ? cells[SentenceColumn] : "");
            if (!rows.TryAdd(image, read))
                Fault($"{image} already has a report in row "
                    + $"{rows[image].Row}{(rows[image].Report == report ? "" : ", and a different one")}; this row is "
                    + "not used.", "Keep one row per image.");

            void Fault(string problem, string cure) => faults.Add(path, cells.Row, problem, cure);
        }

        return new ReportSheet(path, [.. rows.Values], faults);
    }

    /// <summary>
    /// Writes a workbook (.xlsx) as the paper's authors lay out theirs: Image with the mask's file name, Description
    /// with the sentence, and the eight columns. The file appears whole or not at all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="reports">Each mask's file name and report.</param>
    /// <exception cref="IOException">There is such a file, which is never overwritten; or it cannot be
    /// written.</exception>
    public static void Write(string path, IEnumerable<(string Mask, LesionReport Report)> reports)
    {
        if (File.Exists(path))
            throw new IOException($"{path} already exists and is not overwritten. Move it away, or write elsewhere.");
        IDictionary<string, object>[] rows = [.. reports.Select(r => LesionReport.Columns
            .Zip(r.Report.ToVector(), (column, value) => (column, (object)(int)value))
            .Prepend((SentenceColumn, r.Report.ToSentence())).Prepend((ImageColumn, r.Mask)).ToDictionary())];
        AtomicFile.Write(path, stream => MiniExcel.SaveAs(stream, rows));
    }

    /// <summary>
    /// Whether the sheet has the eight columns; complains where too little is there to make a report of.
    /// </summary>
    private static bool CheckColumns(string path, SheetTable table, List<DataFault> faults)
    {
        string[] missing = [.. LesionReport.Columns.Where(name => !table.Has(name))];
        string lacks = missing.Length == LesionReport.Columns.Count ? $"the column {SentenceColumn} is missing"
            : $"of the eight columns {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing";
        if (!table.Has(ImageColumn))
            throw new InvalidDataException($"{path}: the column {ImageColumn} is missing. {table.Described()}. Name "
                + $"the column that holds the image file names {ImageColumn}.");
        if (missing.Length > 0 && !table.Has(SentenceColumn))
            throw new InvalidDataException($"{path}: {lacks}. {table.Described()}. Add {SentenceColumn} with one "
                + $"sentence per row, or all of {string.Join(", ", LesionReport.Columns)}.");
        if (missing.Length > 0 && missing.Length < LesionReport.Columns.Count)
            faults.Add(path, 1, $"{char.ToUpperInvariant(lacks[0])}{lacks[1..]}, so only the sentences are used.",
                "Add the missing columns, or delete the others.");
        return missing.Length == 0;
    }

    private static LesionReport? ReadReport(SheetRow cells, bool hasColumns, Action<string, string> fault)
    {
        string sentence = cells[SentenceColumn];
        bool filled = hasColumns && LesionReport.Columns.Any(name => cells[name].Length > 0);
        if (sentence.Length == 0 && !filled)
            fault("The row has an image but no report.", "Write its report, or delete the row.");

        LesionReport? said = null;
        try
        {
            said = sentence.Length > 0 ? LesionReport.Parse(sentence) : null;
        }
        catch (FormatException e)
        {
            fault(e.Message, filled ? "Until then its eight columns are used." : "Until then the image has no report.");
        }

        LesionReport? counted = filled ? ReadColumns(cells, fault,
            said is null ? "Until then the image has no report." : "Until then its sentence is used.") : null;
        if (said is not null && counted is not null && said.DifferencesFrom(counted) is { Count: > 0 } differences)
            fault(string.Join(' ', differences), "The columns are used; correct whichever is wrong.");
        return counted ?? said;
    }

    private static LesionReport? ReadColumns(SheetRow cells, Action<string, string> fault, string otherwise)
    {
        var values = new float[TextVector.Length];
        foreach ((int i, string name) in LesionReport.Columns.Index())
        {
            if (float.TryParse(cells[name], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])
                && values[i] == MathF.Truncate(values[i]) && values[i] >= 0 && values[i] <= LesionReport.Most(i))
                continue;
            string wanted = i == 1 ? $"a whole number from 0 to {LesionReport.MostAreas}" : "0 or 1";
            fault($"{name} is {(cells[name].Length == 0 ? "empty" : $"\"{cells[name]}\"")}; it must be {wanted}.",
                $"Correct the cell. {otherwise}");
            return null;
        }

        return LesionReport.FromVector(values);
    }
}

/// <summary>A row of a sheet of reports.</summary>
/// <param name="Row">The row in the file, counted from 1 with the header as row 1.</param>
/// <param name="Image">The name of the image or of its mask, as written.</param>
/// <param name="Report">What the eight columns say, or the sentence where there are no columns; null where neither is
/// understood, which the sheet's errors explain.</param>
/// <param name="NotUnderstood">The sentence as written, where there is no report; empty elsewhere.</param>
public sealed record ReportRow(int Row, string Image, LesionReport? Report, string NotUnderstood = "");
