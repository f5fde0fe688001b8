using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Training;

/// <summary>history.csv: a row an epoch.</summary>
public static class HistoryFile
{
    private const string Cure = "Or delete the run's folder to train it anew.";

    public static void Write(string path, IEnumerable<EpochRecord> history) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecords(history);
    });

    /// <exception cref="InvalidDataException">A row or column is not as <see cref="Write"/> makes it.</exception>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist. Restore it. {Cure}", path);
        using CsvReader csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',' });
        var history = new List<EpochRecord>();
        try
        {
            history.AddRange(csv.GetRecords<EpochRecord>());
        }
        catch (Exception e) when (e is not (IOException or OutOfMemoryException))
        {
            throw Fault(path, csv.RowNumber + 1, e.Message.Split('\n')[0].Trim());
        }

        if (history.Count == 0)
            throw Fault(path, 1, "no epoch follows the header");
        for (int i = 0; i < history.Count; i++)
        {
            if (history[i].Epoch != i + 1 || history[i].Stage is not ("pretrain" or "train"))
                throw Fault(path, i + 2, $"it should be epoch {i + 1}");
        }

        if (!AtomicFile.EndsWithLine(path))
            throw Fault(path, history.Count + 1, "the file was cut in this row: no line end follows it");
        return history;
    }

    private static InvalidDataException Fault(string path, long row, string what) =>
        new($"{path}, row {row}: not a history of this workbook ({what}). Cut the file to the last good epoch. {Cure}");
}
