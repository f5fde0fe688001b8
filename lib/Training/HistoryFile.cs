using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Training;

/// <summary>history.csv: a row an epoch.</summary>
public static class HistoryFile
{
    private const string Cure = "Or delete the run's folder to train it again.";

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

/// <summary>
/// One row of history.csv. It holds no times, so that two equal runs have equal files; the log has them.
/// </summary>
/// <param name="Epoch">Counted from 1 over both stages.</param>
/// <param name="Stage">"pretrain" or "train".</param>
/// <param name="LearningRate">The learning rate of the epoch's last step; without a schedule by step, of all of
/// them.</param>
/// <param name="Loss">The mean training loss a batch, all terms together.</param>
/// <param name="DiceLoss">Its Dice term before weighting; NaN in pretraining.</param>
/// <param name="BceLoss">Its weighted cross entropy before weighting; NaN in pretraining.</param>
/// <param name="CosineLoss">Its cosine term, weights included; NaN in pretraining.</param>
/// <param name="ValMeanDice">Mean Dice over the validation images, 0 to 1; NaN in pretraining.</param>
/// <param name="ValPooledDice">Pooled Dice over the validation set, 0 to 1; NaN in pretraining.</param>
[CsvRecord]
public sealed partial record EpochRecord(int Epoch, string Stage, double LearningRate, double Loss, double DiceLoss,
    double BceLoss, double CosineLoss, double ValMeanDice, double ValPooledDice);
