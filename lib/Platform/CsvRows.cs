using System.Globalization;
using CsvHelper;

namespace C2FVL.Platform;

/// <summary>
/// A CSV file of ours, row by row. What is wrong with it is said with the file, the row as a text editor counts it, 1
/// for the header, and what to do.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    private readonly string path, cure;
    private readonly CsvReader csv;
    private long row = 1;

    /// <param name="path">The file.</param>
    /// <param name="make">How to make it, for where there is none.</param>
    /// <param name="cure">What to do where it is damaged.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public CsvRows(string path, string make, string cure)
    {
        (this.path, this.cure) = (path, cure);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. {make}", path);
        csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
    }

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Columns => csv.Headers;

    /// <summary>Goes on to the next row; false behind the last.</summary>
    public bool Next()
    {
        if (!csv.Read())
            return false;
        row = csv.LineNumber;
        return csv.FieldCount == Columns.Count
            ? true
            : throw Fault($"{csv.FieldCount} fields instead of {Columns.Count}");
    }

    /// <summary>What is made of each of the rows that are left.</summary>
    public IEnumerable<T> Read<T>(Func<T> make)
    {
        while (Next())
            yield return make();
    }

    /// <exception cref="InvalidDataException">The file lacks one of these columns.</exception>
    public void Require(IEnumerable<string> columns)
    {
        string[] missing = [.. columns.Except(Columns)];
        if (missing.Length > 0)
            throw Fault($"the header lacks {string.Join(", ", missing)}");
    }

    public string Text(string column) => csv.GetString(column);

    /// <summary>A number of 0 or more.</summary>
    /// <param name="column">The column.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <param name="most">The greatest it may be.</param>
    public double Number(string column, string what, double most = double.MaxValue)
    {
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(Text(column), style, CultureInfo.InvariantCulture, out double value) && value <= most
            ? value
            : throw NotA(column, what);
    }

    /// <summary>A whole number of 0 or more.</summary>
    public long Whole(string column, string what) =>
        long.TryParse(Text(column), NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw NotA(column, what);

    /// <summary>The error for the row under way.</summary>
    public InvalidDataException Fault(string what) => new($"{path}, row {row}: {what}. {cure}");

    public void Dispose() => csv.Dispose();

    /// <summary>
    /// Writes a file under a temporary name and renames it. Numbers are written as they round-trip; NaN is an empty
    /// field.
    /// </summary>
    public static void Write(string path, IEnumerable<string> columns, IEnumerable<IEnumerable<object>> rows) =>
        AtomicFile.Write(path, stream =>
        {
            using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
            csv.WriteHeader([.. columns]);
            foreach (IEnumerable<object> row in rows)
                csv.WriteRecord([.. row.Select(Field)]);
        });

    private static string Field(object value) => value is double.NaN ? "" : FormattableString.Invariant($"{value}");

    private InvalidDataException NotA(string column, string what) =>
        Fault($"'{Text(column)}' in column {column} is not {what}");
}
