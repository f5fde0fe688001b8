using System.Globalization;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Experiments;

/// <summary>A row of one of the paper's tables, quoted: percent on one data set, mean over images.</summary>
/// <param name="Key">The row's words, one a column, such as "batch_size" and "4".</param>
/// <param name="Dice">Percent.</param>
/// <param name="IoU">Percent.</param>
public sealed record QuotedScore(IReadOnlyList<string> Key, double Dice, double IoU)
{
    /// <summary>The rows of data/paper/NAME.csv.</summary>
    /// <param name="name">Such as "table2".</param>
    /// <param name="set">What begins the data set's columns: "qata", or in Table 1 also "mosmed". The default is
    /// "qata".</param>
    /// <exception cref="InvalidDataException">The file is not as it was; the message names it and the row.</exception>
    public static IReadOnlyList<QuotedScore> Read(string name, string set = "qata")
    {
        string path = Path.Combine(Workspace.Root, "data", "paper", name + ".csv");
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. It belongs to the repository: restore it.", path);
        using CsvReader csv = CsvReader.FromFile(
            path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        csv.ReadHeader();
        string[] words = [.. csv.Headers.Where(column => !column.EndsWith("_dice") && !column.EndsWith("_iou"))];
        var rows = new List<QuotedScore>();
        while (csv.Read())
            rows.Add(
                new QuotedScore(
                    [.. words.Select(column => csv.GetString(column))], Percent($"{set}_dice"), Percent($"{set}_iou")));
        return rows;

        double Percent(string column) =>
            double.TryParse(csv.GetString(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidDataException(
                $"{path}, row {csv.LineNumber}: '{csv.GetString(column)}' in column {column} is not a number. "
                    + "Restore the file.");
    }

    /// <summary>The row of these words; null where the table has none.</summary>
    public static QuotedScore? Find(IReadOnlyList<QuotedScore> rows, params string[] key) =>
        rows.FirstOrDefault(row => row.Key.SequenceEqual(key));
}
