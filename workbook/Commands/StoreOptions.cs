using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;

namespace C2FVL.Workbook.Commands;

/// <summary>The options that say what the run store accepts.</summary>
internal sealed class StoreOptions
{
    private readonly Option<bool> acceptChanged = new("--accept-changed-data")
    {
        Description = "Use or resume a run even if its data have changed. By default such a run is trained again.",
    };
    private readonly Option<double> acceptReports = new("--accept-reports")
    {
        Description = "The smallest share of cases, 0 to 1, whose report must be understood, for networks that read "
            + "reports.",
        DefaultValueFactory = _ => RunData.DefaultLeastReports,
    };

    public StoreOptions(Command command)
    {
        command.Options.Add(acceptChanged);
        command.Options.Add(acceptReports);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="checkpointSeconds">How often a checkpoint is written within an epoch.</param>
    /// <param name="gate">Is told how far the gate is.</param>
    /// <param name="onEpoch">Is told of each epoch that a run finishes.</param>
    public RunStore Read(
        ParseResult parsed,
        double checkpointSeconds = 300,
        IProgress<DatasetCheckProgress>? gate = null,
        Action<RunEpoch>? onEpoch = null)
    {
        double least = parsed.GetValue(acceptReports);
        if (!(least >= 0 && least <= 1))
            throw new ArgumentException(
                FormattableString.Invariant($"--accept-reports is {least}; it must be a share from 0 to 1."));
        return new RunStore
        {
            CheckpointEvery = TimeSpan.FromSeconds(checkpointSeconds),
            AcceptChangedData = parsed.GetValue(acceptChanged),
            LeastReports = least,
            GateProgress = gate,
            OnEpoch = onEpoch,
        };
    }
}
