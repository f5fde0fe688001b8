using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using C2FVL.Data;
using Microsoft.Data.Analysis;
using static System.Net.WebUtility;

namespace C2FVL.Figures;

/// <summary>
/// Columns with a title, a caption and a format for each column: HTML in cells, CSV and Markdown on disk.
/// </summary>
/// <param name="Title">One line above the table.</param>
/// <param name="Columns">The columns, all of one length.</param>
public sealed record Table(string Title, IReadOnlyList<TableColumn> Columns) : IDisplayable
{
    /// <inheritdoc/>
    public string? Id { get; init; }

    /// <summary>Which preset and data it shows, such as "phantom preset: for demonstration only".</summary>
    public string Caption { get; init; } = "";

    /// <summary>At most so many rows are shown in a cell; files hold all.</summary>
    public int ShownRows { get; init; } = 50;

    /// <summary>The number of rows.</summary>
    public int RowCount => Columns.Count == 0 ? 0 : Columns[0].Values.Count;

    /// <summary>The column of a name.</summary>
    public TableColumn this[string name] => Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new ArgumentException(
            $"Table \"{Title}\" has no column \"{name}\". It has: "
                + $"{string.Join(", ", Columns.Select(column => column.Name))}.");

    /// <summary>
    /// The table as a data frame, to sort, filter, group or join it. An estimate has three columns: NAME, NAME low and
    /// NAME high.
    /// </summary>
    public DataFrame ToDataFrame() => new(Columns.SelectMany(column => column.ToFrame()));

    private string FullCaption => !Columns.Any(column => column.Quoted) ? Caption
        : ((Caption.Length > 0 ? Caption.TrimEnd('.') + ". " : "")
            + "Columns marked \u201cquoted\u201d contain the paper's own numbers.");

    public string ToHtml()
    {
        const string cell = "padding:2px 10px;border:0;background:transparent;color:inherit;";
        string caption = FullCaption.Length > 0 ? "<br>" + HtmlEncode(FullCaption) : "";
        string heads = string.Concat(Columns.Select(column =>
            $"<th scope=\"col\" style=\"{cell}text-align:{Align(column)};vertical-align:bottom\">"
                + $"{HtmlEncode(column.Head)}</th>"));
        IEnumerable<string> rows = Rows(ShownRows).Select(row =>
            $"<tr style=\"background:transparent\">{string.Concat(Columns.Select(column => Cell(column, row)))}</tr>");
        return "<table style=\"border-collapse:collapse;color:inherit;background:transparent\">"
            + "<caption style=\"text-align:left;caption-side:top;color:inherit;padding:4px 10px\">"
            + $"<strong>{HtmlEncode(Title)}</strong>{caption}</caption>"
            + "<thead><tr style=\"border-top:2px solid;border-bottom:1px solid;background:transparent\">"
            + $"{heads}</tr></thead><tbody style=\"border-bottom:2px solid\">{string.Concat(rows)}</tbody></table>"
            + (RowCount > ShownRows ? $"<p>{ShownRows} of {RowCount} rows shown.</p>" : "");

        static string Align(TableColumn column) => column.IsNumber ? "right" : "left";

        string Cell(TableColumn column, int row)
        {
            string slant = column.Quoted ? ";font-style:italic" : "";
            string wrap = column.Values[row] is Estimate ? ";white-space:nowrap" : "";
            return $"<td style=\"{cell}text-align:{Align(column)}{slant}{wrap}\">{HtmlEncode(column.Text(row))}</td>";
        }
    }

    /// <summary>A Markdown table with its title and caption.</summary>
    public string ToMarkdown() => Markdown(RowCount);

    public string ToText() => Markdown(ShownRows);

    private string Markdown(int most)
    {
        string[] caption = FullCaption.Length > 0 ? [$"{FullCaption}\n"] : [];
        string[] rest = most < RowCount ? [$"\n{most} of {RowCount} rows shown."] : [];
        IEnumerable<string> lines =
        [
            $"**{Title}**\n",
            .. caption,
            Line(Columns.Select(column => column.Head)),
            $"|{string.Join('|', Columns.Select(column => column.IsNumber ? "---:" : "---"))}|",
            .. Rows(most).Select(row => Line(Columns.Select(column => column.Text(row)))),
            .. rest,
        ];
        return string.Join('\n', lines) + "\n";

        static string Line(IEnumerable<string> cells) =>
            $"| {string.Join(" | ", cells.Select(text => text.Replace("|", "\\|").Replace('\n', ' ')))} |";
    }

    private IEnumerable<int> Rows(int most) => Enumerable.Range(0, Math.Min(RowCount, most));
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name, which heads it in files.</param>
/// <param name="IsNumber">Whether it holds numbers or estimates.</param>
/// <param name="Values">
/// Text, numbers, or estimates; null where there is none. An estimate shows its interval in brackets, and in a CSV file
/// its ends are columns of their own, NAME low and NAME high.
/// </param>
public sealed record TableColumn(string Name, bool IsNumber, IReadOnlyList<object?> Values)
{
    /// <summary>The words at its head; null shows its name.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// A .NET number format such as "0.00"; null shows numbers with up to four digits after the point.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>Whether its numbers are quoted from a paper and not ours; the table says so.</summary>
    public bool Quoted { get; init; }

    /// <summary>Whether files hold each number with the ends of its interval.</summary>
    internal bool HasIntervals { get; init; }

    internal IEnumerable<DataFrameColumn> ToFrame()
    {
        if (!IsNumber)
            return [new StringDataFrameColumn(Name, Values.Select(value => value?.ToString()))];
        if (!HasIntervals)
            return [new DoubleDataFrameColumn(
                Name, Values.Select(value => value is null ? (double?)null : Convert.ToDouble(value)))];
        Estimate?[] all = [.. Values.Select(value => value as Estimate)];
        return [new DoubleDataFrameColumn(Name, all.Select(e => e?.Value)),
            new DoubleDataFrameColumn($"{Name} low", all.Select(e => e?.Low)),
            new DoubleDataFrameColumn($"{Name} high", all.Select(e => e?.High))];
    }

    internal string Head => (Header ?? Name) + (Quoted ? " (quoted)" : "");

    internal string Text(int row) => Values[row] switch
    {
        null or double.NaN or Estimate { Value: double.NaN } => "\u2013",
        Estimate estimate => estimate.ToString(Format),
        double number => number.ToString(Format ?? "0.####", CultureInfo.InvariantCulture),
        object value => FormattableString.Invariant($"{value}"),
    };
}

/// <summary>Makes a table of rows, column by column.</summary>
/// <param name="rows">The rows.</param>
public sealed class TableBuilder<T>(IEnumerable<T> rows)
{
    private readonly T[] rows = [.. rows];
    private readonly List<TableColumn> columns = [];

    /// <summary>Adds a column of text.</summary>
    public TableBuilder<T> Words(string name, Func<T, string> words, string? header = null) =>
        Add(new(name, false, [.. rows.Select(words)]) { Header = header });

    /// <summary>Adds a column of numbers.</summary>
    public TableBuilder<T> Numbers(string name, string format, Func<T, double?> number, bool quoted = false) =>
        Add(new(name, true, [.. rows.Select(row => (object?)number(row))]) { Format = format, Quoted = quoted });

    /// <summary>Adds a column of estimates in a unit of their own.</summary>
    public TableBuilder<T> Intervals(
        string name, string format, Func<T, Estimate?> estimate, string? header = null) => Add(
        new(name, true, [.. rows.Select(estimate)]) { Header = header, Format = format, HasIntervals = true });

    /// <summary>Adds a column of scores from 0 to 1, or of differences of two, in percent.</summary>
    public TableBuilder<T> Percent(
        string name, Func<T, Estimate?> estimate, string format = "0.0", string? header = null) =>
        Intervals(name, format, row => estimate(row)?.Percent, header);

    /// <summary>The same for a difference, with its sign.</summary>
    public TableBuilder<T> Points(string name, Func<T, Estimate?> estimate, string? header = null) =>
        Percent(name, estimate, "+0.0;-0.0;0.0", header);

    public Table Make(string title, string caption) => new(title, columns) { Caption = caption };

    private TableBuilder<T> Add(TableColumn column)
    {
        columns.Add(column);
        return this;
    }
}

/// <summary>Tables from rows of any shape.</summary>
public static partial class Tables
{
    /// <summary>
    /// A table with a column for each public property of the rows' type, in the order of its declaration, headed by the
    /// property's name in words: <c>TestCases</c> becomes "Test cases".
    /// </summary>
    /// <typeparam name="T">Anonymous types and records do well. Numbers become number columns, all else
    /// text.</typeparam>
    /// <param name="title">One line above the table.</param>
    /// <param name="rows">The rows.</param>
    public static Table Of<T>(string title, IEnumerable<T> rows)
    {
        T[] all = [.. rows];
        return new Table(title, [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => Column(property, all.Select(row => property.GetValue(row))))]);
    }

    /// <summary>A data frame as a table; its number columns become doubles.</summary>
    public static Table Of(string title, DataFrame frame) => new(title, [.. frame.Columns.Select(
        column => column.IsNumericColumn()
            ? new TableColumn(column.Name, true, [.. column.Cast<object?>().Select(
                value => value is null ? null : (object)Convert.ToDouble(value))])
            : new TableColumn(column.Name, false, [.. column.Cast<object?>()]))]);

    private static TableColumn Column(PropertyInfo property, IEnumerable<object?> values)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        bool isReal = type == typeof(double) || type == typeof(float);
        bool isNumber = isReal || type == typeof(int) || type == typeof(long);
        return new TableColumn(property.Name, isNumber,
            [.. values.Select(value => isReal && value is not null ? Convert.ToDouble(value) : value)])
        { Header = Words(property.Name) };
    }

    /// <summary>A capital that begins a word becomes small; names, such as IoU, BCE, C2FVL or Dice, stay.</summary>
    private static string Words(string name) =>
        WordStart().Replace(name, match => " " + (match.Length == 1 ? match.Value.ToLowerInvariant() : match.Value));

    [GeneratedRegex("(?<=[a-z])(IoU|Dice|[A-Z]{2,}|[A-Z](?=[a-z]))")]
    private static partial Regex WordStart();
}
