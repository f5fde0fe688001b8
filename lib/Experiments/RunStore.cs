using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using static TorchSharp.torch;

namespace C2FVL.Experiments;

/// <summary>
/// Runs by their spec: finished ones load, interrupted ones resume, missing ones train. A run is a folder
/// <c>scale/name</c> with spec.json, split.json, history.csv, cases.csv, best.safetensors, last.safetensors, log.txt
/// and seconds.txt. Deleting a folder costs that run and nothing else.
/// </summary>
public sealed class RunStore
{
    private const string SpecName = "spec.json", SplitName = "split.json", CasesName = "cases.csv", SecondsName = "seconds.txt";

    private readonly string folder;
    private readonly string tracked;

    /// <param name="folder">Where runs are kept; null for <see cref="Workspace.Runs"/>.</param>
    /// <param name="tracked">Where tracked results are looked for; null for <see cref="Workspace.Results"/>.</param>
    public RunStore(string? folder = null, string? tracked = null)
    {
        this.folder = folder ?? Workspace.Runs;
        this.tracked = tracked ?? Workspace.Results;
    }

    /// <summary>How often a checkpoint is written within an epoch.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The run's folder, whether it is there or not.</summary>
    public string FolderOf(RunSpec spec) => Path.Combine(this.folder, ScaleName(spec.Scale), spec.Name);

    /// <summary>The finished run of a spec: from the store, else from the tracked results, whatever machine made those.</summary>
    /// <returns>The run, or null where there is none.</returns>
    public Run? Find(RunSpec spec)
    {
        string own = this.FolderOf(spec);
        if (File.Exists(Path.Combine(own, CasesName)))
            return Load(own);

        string portable = spec.Portable.ToJson();
        return this.Tracked(spec.Scale).FirstOrDefault(run => run.Spec.Portable.ToJson() == portable);
    }

    /// <summary>All tracked results of a scale, by name.</summary>
    public IEnumerable<Run> Tracked(Scale scale)
    {
        string place = Path.Combine(this.tracked, ScaleName(scale));
        return Directory.Exists(place)
            ? Directory.EnumerateDirectories(place).Where(f => File.Exists(Path.Combine(f, SpecName))).Order(StringComparer.Ordinal).Select(Load)
            : [];
    }

    /// <summary>The run of a spec with its weights: loaded if it is finished here, else resumed or trained, then tested.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="onProgress">Called after every training step.</param>
    /// <param name="cancellation">Ends it after the step under way, resumable.</param>
    /// <exception cref="IOException">Another process has this run in hand, or a file cannot be written.</exception>
    public Run GetOrTrain(RunSpec spec, Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        string own = this.FolderOf(spec);
        if (File.Exists(Path.Combine(own, CasesName)))
            return Load(own);

        Directory.CreateDirectory(own);
        using FileStream hold = Hold(own);
        if (File.Exists(Path.Combine(own, CasesName)))
            return Load(own);
        foreach (string leftover in Directory.EnumerateFiles(own, "*.tmp"))
            File.Delete(leftover); // of a process that was killed while it wrote
        AtomicFile.WriteText(Path.Combine(own, SpecName), spec.ToJson() + "\n");
        this.Train(spec, own, onProgress, cancellation);
        return Load(own);
    }

    /// <summary>Copies a finished run's small files (spec, time, and every CSV: history, cases, measures; never weights) to the tracked results.</summary>
    /// <returns>The folder they are in.</returns>
    public string Track(Run run)
    {
        string target = Path.Combine(this.tracked, ScaleName(run.Spec.Scale), run.Spec.Name);
        Directory.CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(run.Folder, "*.csv").Append(Path.Combine(run.Folder, SpecName)).Append(Path.Combine(run.Folder, SecondsName)))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        return target;
    }

    /// <summary>A finished run from its folder.</summary>
    /// <exception cref="InvalidDataException">A file in it is not what it should be.</exception>
    public static Run Load(string folder)
    {
        string seconds = Path.Combine(folder, SecondsName);
        return new Run(
            RunSpec.Load(Path.Combine(folder, SpecName)),
            folder,
            HistoryFile.Read(Path.Combine(folder, Trainer.HistoryName)),
            CaseScoreFile.Read(Path.Combine(folder, CasesName)),
            File.Exists(seconds) ? TimeSpan.FromSeconds(double.Parse(File.ReadAllText(seconds), CultureInfo.InvariantCulture)) : null);
    }

    /// <summary>The scale's name in folders and on the command line.</summary>
    public static string ScaleName(Scale scale) => scale.ToString().ToLowerInvariant();

    private static FileStream Hold(string own)
    {
        string path = Path.Combine(own, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{own} is in another process's hands (its lock is held). Wait for that process, or end it and run again: the run resumes.", e);
        }
    }

    private void Train(RunSpec spec, string own, Action<TrainingProgress>? onProgress, CancellationToken cancellation)
    {
        TorchLibrary.EnsureLoaded();
        set_num_threads(spec.Threads);
        var clock = Stopwatch.StartNew();
        RunData data = RunData.Open(spec.Data);
        CheckSplit(Path.Combine(own, SplitName), data);
        try
        {
            Seeds.Torch(spec.Seed, "weights");
            using SegmentationModel model = spec.Model.Create();
            var trainer = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, device(spec.Device))
            {
                CheckpointEvery = this.CheckpointEvery,
                Metadata = { ["spec"] = spec.ToJson() },
            };
            trainer.Fit(data.Batches(spec, Part.Train), data.Batches(spec, Part.Val), own, onProgress, cancellation);
            Weights.Load(model, Path.Combine(own, Trainer.BestName));
            IReadOnlyList<CaseScore> cases = Scorer.Score(model, data.Batches(spec, Part.Test), device(spec.Device), null, cancellation);
            AddSeconds(own, clock);
            CaseScoreFile.Write(Path.Combine(own, CasesName), cases);
        }
        catch
        {
            AddSeconds(own, clock);
            throw;
        }
    }

    /// <summary>A run that is resumed on other cases than it began with would be two runs in one.</summary>
    private static void CheckSplit(string path, RunData data)
    {
        if (!File.Exists(path))
            data.Split.Save(path);
        Split begun = Split.Load(path, data.Dataset);
        if (!Enum.GetValues<Part>().All(part => begun[part].SequenceEqual(data.Split[part])))
            throw new InvalidDataException($"{path} lists other cases than the data set gives now. The data has changed since the run began: delete the run's folder to train it anew.");
    }

    private static void AddSeconds(string own, Stopwatch clock)
    {
        string path = Path.Combine(own, SecondsName);
        double before = File.Exists(path) ? double.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : 0;
        AtomicFile.WriteText(path, (before + clock.Elapsed.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture) + "\n");
        clock.Restart();
    }
}
