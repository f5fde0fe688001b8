using C2FVL.Experiments;
using C2FVL.Training;

namespace C2FVL.Workbook.Sweeps;

/// <summary>What commands alone do with a run store.</summary>
internal static class StoreWork
{
    /// <summary>A spec's data, by the one gate, with the reports that its model needs.</summary>
    /// <exception cref="DirectoryNotFoundException">The set is not on this machine.</exception>
    /// <exception cref="InvalidDataException">The data cannot be used; the message says why and how to go
    /// on.</exception>
    public static RunData OpenData(this RunStore store, RunSpec spec, CancellationToken cancellation = default)
    {
        RunData data = RunData.Open(spec.Data, store.GateProgress, cancellation);
        data.Require(spec, leastReports: store.LeastReports);
        return data;
    }

    /// <summary>Trains one batch of a run and writes no run; is refused where the run would be.</summary>
    /// <returns>The data, the model's number of parameters, steps in an epoch, and the step's loss and
    /// seconds.</returns>
    public static (RunData Data, long Parameters, int Steps, double Loss, double Seconds) DryRun(
        this RunStore store, RunSpec spec, CancellationToken cancellation = default)
    {
        RunData data = store.OpenData(spec, cancellation);
        using var training = new RunTraining(spec, data, store.CheckpointEvery);
        if (training.Start is StartingWeights start)
            store.Note(start.ToText());
        (double loss, double seconds) = training.Trainer.DryRun(training.Train);
        return (data, training.Model.ParameterCount, training.Train.BatchCount, loss, seconds);
    }

    /// <summary>
    /// Copies a finished run's small files (spec, provenance, time, and every CSV: history, cases under every text, CAM
    /// measures; never weights) to the tracked results.
    /// </summary>
    /// <returns>The folder they are in.</returns>
    public static string Track(this RunStore store, Run run)
    {
        string target = Path.Combine(store.Results, RunStore.ScaleName(run.Spec.Scale), Path.GetFileName(run.Folder));
        Directory.CreateDirectory(target);
        if (Path.GetFullPath(run.Folder) == Path.GetFullPath(target))
            return target;
        string[] small = [
            Path.Combine(run.Folder, RunStore.SpecName), Path.Combine(run.Folder, Provenance.FileName),
            Path.Combine(run.Folder, RunStore.SecondsName)];
        foreach (string file in small.Where(File.Exists).Concat(Directory.EnumerateFiles(run.Folder, "*.csv")))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        return target;
    }
}
