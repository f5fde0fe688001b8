using C2FVL.Platform;

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
    /// <exception cref="InvalidDataException">The file was changed; the message names it and the row.</exception>
    public static IReadOnlyList<QuotedScore> Read(string name, string set = "qata")
    {
        using CsvRows csv = Open(name);
        string[] words = [.. csv.Columns.Where(column => !column.EndsWith("_dice") && !column.EndsWith("_iou"))];
        return [.. csv.Read(() => new QuotedScore(
            [.. words.Select(csv.Text)], csv.Number($"{set}_dice", "a number"), csv.Number($"{set}_iou", "a number")))];
    }

    /// <summary>The file data/paper/NAME.csv.</summary>
    internal static CsvRows Open(string name) => new(
        Path.Combine(Workspace.Root, "data", "paper", name + ".csv"), "It is part of the repository. Restore it.",
        "Restore the file.");

    /// <summary>The row of these words; null if the table has none.</summary>
    public static QuotedScore? Find(IReadOnlyList<QuotedScore> rows, params string[] key) =>
        rows.FirstOrDefault(row => row.Key.SequenceEqual(key));
}
