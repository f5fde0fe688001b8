using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;

namespace C2FVL.Experiments;

/// <summary>A finished run.</summary>
/// <param name="Spec">What was run.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="History">A row an epoch.</param>
/// <param name="Cases">The test scores of the best weights, one row per case.</param>
/// <param name="WallTime">How long training and test took, interruptions not counted; null where unknown.</param>
public sealed record Run(
    RunSpec Spec, string Folder, IReadOnlyList<EpochRecord> History, IReadOnlyList<CaseScore> Cases, TimeSpan? WallTime)
{
    /// <summary>Which data and which code made it; null for runs made before that was recorded.</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>
    /// What of the data changed since this run, such as "12 masks", where the caller accepted it; null elsewhere.
    /// </summary>
    public string? AcceptedChange { get; init; }

    /// <summary>When it was finished, UTC.</summary>
    public DateTime Finished =>
        Provenance?.Finished ?? File.GetLastWriteTimeUtc(Path.Combine(Folder, RunStore.CasesName));

    /// <summary>Whether the weights are here; tracked results have none.</summary>
    public bool HasWeights => File.Exists(Path.Combine(Folder, Trainer.BestName));

    /// <summary>
    /// Images that went through the network a second of <see cref="WallTime"/>, training, validation and test together;
    /// NaN where the time is unknown, or the number of images: tracked results have no split and know it only where the
    /// provenance has it, or the spec names it or says how a set of known size is split.
    /// </summary>
    public double ImagesPerSecond
    {
        get
        {
            // The public CT set comes with 50 slices to train on, a fifth of which validates.
            bool isKnown = Spec.Data is { Set: DataSets.MedSeg, Split: SplitKind.QaTa4To1 };
            int? train = Images(Part.Train) ?? Spec.Data.Train ?? (isKnown ? 40 : null);
            int? val = Images(Part.Val) ?? Spec.Data.Val ?? (isKnown ? 10 : null);
            int validated = History.Count(epoch => !double.IsNaN(epoch.ValMeanDice));
            double? images = (History.Count * (double?)train) + (validated * (double?)val) + Cases.Count;
            return WallTime is { TotalSeconds: > 0 } time ? images / time.TotalSeconds ?? double.NaN : double.NaN;
        }
    }

    /// <summary>
    /// The reports understood, set by set, for under a score; null where the model reads none or it was not recorded.
    /// </summary>
    public string? ReportsText() =>
        Spec.Model.ReadsText && Spec.Text != TextMode.Missing && Provenance?.Data is DataRecord data
        ? ReportsText(data.Sets)
        : null;

    /// <summary>Such as "reports understood: Train 54 of 56, Val 12 of 12, Test 12 of 12".</summary>
    public static string ReportsText(IEnumerable<SetCounts> sets) =>
        "reports understood: " + string.Join(", ", sets.Select(set => $"{set.Part} {set.Reports} of {set.Cases}"));

    /// <summary>
    /// Whether a file of measures is in the run's folder and was made from the run's own data, or from changed data
    /// that were accepted.
    /// </summary>
    public bool Has(string name) =>
        File.Exists(Path.Combine(Folder, name))
            && (AcceptedChange is not null || Provenance?.FromOtherData.ContainsKey(name) != true);

    /// <summary>The run's data, for measuring it again.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">They changed since the run; the message says what and how to go
    /// on.</exception>
    public RunData OpenData(CancellationToken cancellation = default)
    {
        RunData data = RunData.Open(Spec.Data, cancellation: cancellation);
        if (AcceptedChange is null && Provenance.Change(Folder, data.Gate.Digest) is string change)
            throw new InvalidDataException(
                $"{Folder}: the data have changed since this run ({change}), so new measures would mix old and new "
                    + "data. Train it again, restore the data, or add --accept-changed-data.");
        return data;
    }

    /// <summary>
    /// Measures the run with its best weights and keeps the measures in a file of its folder, unless it
    /// <see cref="Has"/> them. Measures of other data than the run's own are noted in the provenance.
    /// </summary>
    /// <param name="name">The file's name.</param>
    /// <param name="cancellation">Ends it, and nothing is written then; the default is the notebook cell's
    /// interruption.</param>
    /// <param name="measure">Measures, and returns what writes the file.</param>
    /// <exception cref="FileNotFoundException">The weights are not here.</exception>
    internal void Measure(
        string name, CancellationToken cancellation,
        Func<SegmentationModel, RunData, torch.Device, CancellationToken, Action<string>> measure)
    {
        if (Has(name))
            return;
        cancellation = NotebookCell.Interrupt(cancellation);
        TorchLibrary.EnsureLoaded();
        torch.Device device = Devices.Use(Devices.HereOrCpu(Spec.Device), Spec.Threads);
        using SegmentationModel model = LoadModel();
        model.to(device);
        RunData data = OpenData(cancellation);
        Action<string> write = measure(model, data, device, cancellation);

        // before the file: a kill in between leaves no file that passes for the run's own
        if (Provenance.Find(Folder) is { Data: DataRecord own } known)
        {
            Dictionary<string, string> other = new(known.FromOtherData);
            bool changed = data.Gate.Digest.Value == own.Digest
                ? other.Remove(name)
                : other.TryAdd(name, data.Gate.Digest.Value);
            if (changed)
                (known with { FromOtherData = other }).Save(Folder);
        }

        write(Path.Combine(Folder, name));
    }

    /// <summary>How many test cases the run has by its split or its provenance; null where neither is here.</summary>
    internal int? TestCount => Images(Part.Test);

    /// <summary>The model with its best weights, in evaluation mode on the CPU.</summary>
    /// <exception cref="FileNotFoundException">The run has no weights; the message says how to get them.</exception>
    public SegmentationModel LoadModel()
    {
        string weights = Path.Combine(Folder, Trainer.BestName);
        if (!HasWeights)
            throw new FileNotFoundException(
                File.Exists(Path.Combine(Folder, "split.json"))
                    ? $"{weights} is missing. Delete the folder {Folder} and train the run again to get its weights."
                    : $"{Folder} contains a run's results without its weights. Train it here to get them. This needs "
                        + $"the data set {Spec.Data.Set}.",
                weights);
        SegmentationModel model = Spec.Model.Create();
        Weights.Load(model, weights);
        model.eval();
        return model;
    }

    private int? Images(Part part)
    {
        string split = Path.Combine(Folder, "split.json");
        try
        {
            return File.Exists(split)
                ? Split.Read(split)[part].Count
                : Provenance?.Data?.Sets.FirstOrDefault(set => set.Part == part)?.Cases;
        }
        catch (InvalidDataException)
        {
            return null; // what needs the lists themselves says what is wrong with them
        }
    }
}
