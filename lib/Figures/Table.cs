using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Analysis;

namespace C2FVL.Figures;

/// <summary>
/// A data frame with a title, a caption and a format for each column: HTML in cells, CSV and Markdown on disk.
/// </summary>
/// <param name="Title">One line above the table.</param>
/// <param name="Data">The rows. CSV holds them in full precision, under their own column names.</param>
public sealed record Table(string Title, DataFrame Data) : IDisplayable
{
    /// <inheritdoc/>
    public string? Id { get; init; }

    /// <summary>Which preset and data it shows, such as "phantom preset: for demonstration only".</summary>
    public string Caption { get; init; } = "";

    /// <summary>The columns to show, in order; empty shows all.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary>At most so many rows are shown in a cell; files hold all.</summary>
    public int ShownRows { get; init; } = 50;

    private IReadOnlyList<TableColumn> Shown =>
        Columns.Count > 0 ? Columns : [.. Data.Columns.Select(column => new TableColumn(column.Name))];

    private string FullCaption => !Shown.Any(column => column.Quoted) ? Caption
        : ((Caption.Length > 0 ? Caption.TrimEnd('.') + ". " : "")
            + "Columns marked \u201cquoted\u201d contain the paper's own numbers.");

    public string ToHtml()
    {
        const string cell = "padding:2px 10px;border:0;background:transparent;color:inherit;";
        string caption = FullCaption.Length > 0 ? "<br>" + Html.Escape(FullCaption) : "";
        string heads = string.Concat(Shown.Select(column =>
            $"<th scope=\"col\" style=\"{cell}text-align:{Align(column)};vertical-align:bottom\">"
                + $"{Html.Escape(Head(column))}</th>"));
        IEnumerable<string> rows = ShownRange(ShownRows).Select(row =>
            $"<tr style=\"background:transparent\">{string.Concat(Shown.Select(column => Cell(column, row)))}</tr>");
        return "<table style=\"border-collapse:collapse;color:inherit;background:transparent\">"
            + "<caption style=\"text-align:left;caption-side:top;color:inherit;padding:4px 10px\">"
            + $"<strong>{Html.Escape(Title)}</strong>{caption}</caption>"
            + "<thead><tr style=\"border-top:2px solid;border-bottom:1px solid;background:transparent\">"
            + $"{heads}</tr></thead><tbody style=\"border-bottom:2px solid\">{string.Concat(rows)}</tbody></table>"
            + (Data.Rows.Count > ShownRows ? $"<p>{ShownRows} of {Data.Rows.Count} rows shown.</p>" : "");

        string Cell(TableColumn column, long row)
        {
            string slant = column.Quoted ? ";font-style:italic" : "";
            string wrap = column.Interval is null ? "" : ";white-space:nowrap";
            return $"<td style=\"{cell}text-align:{Align(column)}{slant}{wrap}\">{Html.Escape(Text(column, row))}</td>";
        }
    }

    /// <summary>A Markdown table with its title and caption.</summary>
    public string ToMarkdown() => Markdown(Data.Rows.Count);

    public string ToText() => Markdown(ShownRows);

    private string Markdown(long most)
    {
        IEnumerable<string> lines =
        [
            $"**{Title}**\n",
            .. FullCaption.Length > 0 ? [$"{FullCaption}\n"] : (string[])[],
            $"| {string.Join(" | ", Shown.Select(column => Bar(Head(column))))} |",
            $"|{string.Join('|', Shown.Select(column => Align(column) == "right" ? "---:" : "---"))}|",
            .. ShownRange(most).Select(row => $"| {string.Join(" | ", Shown.Select(c => Bar(Text(c, row))))} |"),
            .. most < Data.Rows.Count ? [$"\n{most} of {Data.Rows.Count} rows shown."] : (string[])[],
        ];
        return string.Join('\n', lines) + "\n";
    }

    private IEnumerable<long> ShownRange(long most) =>
        Enumerable.Range(0, (int)Math.Min(Data.Rows.Count, most)).Select(row => (long)row);

    private static string Head(TableColumn column) =>
        (column.Header ?? column.Name) + (column.Quoted ? " (quoted)" : "");

    private string Align(TableColumn column) => Column(column).IsNumericColumn() ? "right" : "left";

    private string Text(TableColumn column, long row)
    {
        string value = Value(column, row);
        if (column.Interval is not var (low, high) || IsMissing(Column(column)[row])
            || IsMissing(Column(new TableColumn(low))[row]))
            return value;
        return $"{value} [{Value(column with { Name = low }, row)}, {Value(column with { Name = high }, row)}]";
    }

    private static bool IsMissing(object? value) => value is null or double.NaN or float.NaN;

    private string Value(TableColumn column, long row) => Column(column)[row] switch
    {
        null or double.NaN or float.NaN => "\u2013",
        float or double or decimal =>
            ((IFormattable)Column(column)[row]).ToString(column.Format ?? "0.####", CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(column.Format, CultureInfo.InvariantCulture),
        object value => value.ToString() ?? "",
    };

    private DataFrameColumn Column(TableColumn column)
    {
        int index = Data.Columns.IndexOf(column.Name);
        return index >= 0
            ? Data.Columns[index]
            : throw new ArgumentException(
                $"Table \"{Title}\" has no column \"{column.Name}\". It has: "
                    + $"{string.Join(", ", Data.Columns.Select(c => c.Name))}.");
    }

    private static string Bar(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}

/// <summary>How a table shows one of its columns.</summary>
/// <param name="Name">The column's name in the data.</param>
public sealed record TableColumn(string Name)
{
    /// <summary>The words at its head; null shows its name.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// A .NET number format such as "0.00"; null shows numbers with up to four digits after the point.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>
    /// The columns with the ends of each number's interval, shown behind it in brackets; null for none. They are in the
    /// CSV as columns of their own.
    /// </summary>
    public (string Low, string High)? Interval { get; init; }

    /// <summary>Whether its numbers are quoted from a paper and not ours; the table says so.</summary>
    public bool Quoted { get; init; }
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
        DataFrame frame = Frame(rows);
        return new Table(title, frame)
        { Columns = [.. frame.Columns.Select(column => new TableColumn(column.Name) { Header = Words(column.Name) })] };
    }

    /// <summary>The rows as a data frame; see <see cref="Of{T}"/>.</summary>
    public static DataFrame Frame<T>(IEnumerable<T> rows)
    {
        List<T> all = rows.ToList();
        return new DataFrame(typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => Column(property, all)));
    }

    private static DataFrameColumn Column<T>(PropertyInfo property, List<T> rows)
    {
        IEnumerable<object?> values = rows.Select(row => property.GetValue(row));
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(int) || type == typeof(long))
            return new Int64DataFrameColumn(
                property.Name, values.Select(v => v is null ? (long?)null : Convert.ToInt64(v)));
        if (type == typeof(double) || type == typeof(float))
            return new DoubleDataFrameColumn(
                property.Name, values.Select(v => v is null ? (double?)null : Convert.ToDouble(v)));
        return new StringDataFrameColumn(
            property.Name, values.Select(v => v is null ? null : FormattableString.Invariant($"{v}")));
    }

    /// <summary>A capital that begins a word becomes small; names, such as IoU, BCE, C2FVL or Dice, stay.</summary>
    private static string Words(string name) =>
        WordStart().Replace(name, match => " " + (match.Length == 1 ? match.Value.ToLowerInvariant() : match.Value));

    [GeneratedRegex("(?<=[a-z])(IoU|Dice|[A-Z]{2,}|[A-Z](?=[a-z]))")]
    private static partial Regex WordStart();
}
