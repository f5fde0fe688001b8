using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Analysis;

namespace C2FVL.Figures;

/// <summary>Tables from rows of any shape.</summary>
public static partial class Tables
{
    /// <summary>
    /// A table with a column for each public property of the rows' type, in the order of its declaration, headed by the
    /// property's name in words: <c>TestCases</c> becomes "Test cases".
    /// </summary>
    /// <typeparam name="T">Anonymous types and records do well. Numbers become number columns, all else text.</typeparam>
    /// <param name="title">One line above the table.</param>
    /// <param name="rows">The rows.</param>
    public static Table Of<T>(string title, IEnumerable<T> rows)
    {
        DataFrame frame = Frame(rows);
        return new Table(title, frame) { Columns = [.. frame.Columns.Select(column => new TableColumn(column.Name) { Header = Words(column.Name) })] };
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
            return new Int64DataFrameColumn(property.Name, values.Select(v => v is null ? (long?)null : Convert.ToInt64(v)));
        if (type == typeof(double) || type == typeof(float))
            return new DoubleDataFrameColumn(property.Name, values.Select(v => v is null ? (double?)null : Convert.ToDouble(v)));
        return new StringDataFrameColumn(property.Name, values.Select(v => v is null ? null : FormattableString.Invariant($"{v}")));
    }

    /// <summary>A capital that begins a word becomes small; names, such as IoU, BCE, C2FVL or Dice, stay.</summary>
    private static string Words(string name) => WordStart().Replace(name, match => " " + (match.Length == 1 ? match.Value.ToLowerInvariant() : match.Value));

    [GeneratedRegex("(?<=[a-z])(IoU|Dice|[A-Z]{2,}|[A-Z](?=[a-z]))")]
    private static partial Regex WordStart();
}
