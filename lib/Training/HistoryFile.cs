using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Training;

/// <summary>history.csv: a row an epoch.</summary>
public static class HistoryFile
{
    public static void Write(string path, IEnumerable<EpochRecord> history) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecords(history);
    });

    /// <exception cref="InvalidDataException">A row or column is not as <see cref="Write"/> makes it.</exception>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        using CsvReader csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',' });
        try
        {
            return csv.GetRecords<EpochRecord>().ToList();
        }
        catch (Exception e) when (e is CsvFormatException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path}, row {csv.RowNumber + 1}: not a history of this workbook ({e.Message.Split('\n')[0].Trim()}). Delete the run's folder to train it anew.", e);
        }
    }
}
