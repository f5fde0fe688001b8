using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Experiments;

/// <summary>
/// Runs by their spec: finished ones load, interrupted ones resume, missing ones train. A run is a folder
/// <c>scale/name</c> with spec.json, split.json, history.csv, cases.csv, best.safetensors, last.safetensors, log.txt
/// and seconds.txt, and cases-TEXT.csv for each other text its test cases were scored with. Deleting a folder costs
/// that run and nothing else.
/// </summary>
public sealed class RunStore
{
    private const string SpecName = "spec.json", SplitName = "split.json", CasesName = "cases.csv", SecondsName = "seconds.txt", LockName = "lock";

    // What this process trains, with what ends it: an interrupted cell's run goes on for one more step.
    private static readonly ConcurrentDictionary<string, CancellationToken> UnderWay = new();

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

    /// <summary>Where the runs are kept.</summary>
    public string Folder => this.folder;

    /// <summary>The run's folder, whether it is there or not.</summary>
    public string FolderOf(RunSpec spec) => Path.Combine(this.folder, ScaleName(spec.Scale), spec.Name);

    /// <summary>Whether the run is trained and scored in this store, with whatever threads and device.</summary>
    public bool IsFinished(RunSpec spec) => this.FinishedFolder(spec) is not null;

    /// <summary>Whether some process has the run in hand now.</summary>
    public bool IsHeld(RunSpec spec)
    {
        string own = this.FolderOf(spec);
        if (!File.Exists(Path.Combine(own, LockName)))
            return false;
        try
        {
            Hold(own).Dispose();
            return false;
        }
        catch (RunHeldException)
        {
            return true;
        }
    }

    /// <summary>
    /// The finished run of a spec: from the store, else from the tracked results. Threads and device belong to the
    /// machine and change but the last bits, so a run that differs in them alone is found too, after the one that does not.
    /// </summary>
    /// <returns>The run, or null where there is none.</returns>
    public Run? Find(RunSpec spec) => this.FindFile(spec, CasesName) is string cases ? Load(Path.GetDirectoryName(cases)!) : null;

    /// <summary>A file of a spec's run, looked for as <see cref="Find"/> looks for the run, in whichever folder has it.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="name">The file's name in the run's folder.</param>
    /// <returns>Its path, or null where there is none.</returns>
    public string? FindFile(RunSpec spec, string name) => this.FindHere(spec, name) ?? SameButForMachine(this.TrackedFolders(spec.Scale), spec, name);

    /// <summary>All tracked results of a scale, by name.</summary>
    public IEnumerable<Run> Tracked(Scale scale) => this.TrackedFolders(scale).Select(Load);

    /// <summary>Writes the spec to a file of its own in the store, for a process that is to train it.</summary>
    /// <returns>The file, the same for the same spec.</returns>
    public string WriteSpec(RunSpec spec)
    {
        string file = Path.Combine(this.folder, "specs", ScaleName(spec.Scale), spec.Name + ".json");
        if (!File.Exists(file))
            AtomicFile.WriteText(file, spec.ToJson() + "\n");
        return file;
    }

    /// <summary>The run of a spec with its weights: loaded if it is finished here, as <see cref="Find"/> does, else resumed or trained, then tested.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="onProgress">Called after every training step; null shows the progress below the notebook cell or in the terminal.</param>
    /// <param name="cancellation">Ends it after the step under way, resumable; the default is the notebook cell's interruption.</param>
    /// <exception cref="RunHeldException">Another process has this run in hand.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public Run GetOrTrain(RunSpec spec, Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        LiveProgress? live = onProgress is null ? new LiveProgress($"Training {spec.Model.Name}") : null;
        onProgress ??= p => live!.Report(p.Done, p.Total + 1, $"epoch {p.Epoch} of {p.Epochs}, loss {p.Loss:0.000}");
        Run run = Load(this.FinishedFolder(spec) ?? this.Trained(spec, onProgress, NotebookCell.Interrupt(cancellation)));
        live?.Report(1, 1, $"{run.History.Count} epochs");
        return run;
    }

    /// <summary>
    /// The test scores of a run whose reports were replaced by another text at the test alone: read from cases-TEXT.csv
    /// in the run's folder.
    /// </summary>
    /// <returns>The scores; the run's own where the text is its own; null where they were not taken yet.</returns>
    public static IReadOnlyList<CaseScore>? FindScores(Run run, TextMode text)
    {
        if (text == run.Spec.Text)
            return run.Cases;
        return HasScores(run, text) ? CaseScoreFile.Read(Path.Combine(run.Folder, CasesUnder(text))) : null;
    }

    /// <summary>Whether <see cref="FindScores"/> finds any.</summary>
    public static bool HasScores(Run run, TextMode text) => text == run.Spec.Text || File.Exists(Path.Combine(run.Folder, CasesUnder(text)));

    /// <summary>Scores a finished run's test cases with other texts and its best weights, and keeps the scores in its folder.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="texts">The texts at the test; those it has scores for cost nothing.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the scoring after the batch under way; the text under way is not kept then.</param>
    /// <exception cref="FileNotFoundException">Scores are missing and the run has no weights.</exception>
    public static void Score(Run run, IEnumerable<TextMode> texts, Action<int>? onBatch = null, CancellationToken cancellation = default)
    {
        TextMode[] missing = [.. texts.Where(text => !HasScores(run, text))];
        if (missing.Length == 0)
            return;
        cancellation = NotebookCell.Interrupt(cancellation);
        TorchLibrary.EnsureLoaded();
        Device device = Devices.Use(run.Spec.Device, run.Spec.Threads);
        using SegmentationModel model = run.LoadModel();
        model.to(device);
        RunData data = RunData.Open(run.Spec.Data);
        foreach (TextMode text in missing)
            CaseScoreFile.Write(Path.Combine(run.Folder, CasesUnder(text)), Scorer.Score(model, data.Batches(run.Spec, Part.Test, text), device, onBatch, cancellation, run.Spec.FlipAtTest));
    }

    /// <summary>Copies a finished run's small files (spec, time, and every CSV: history, cases under every text, CAM measures; never weights) to the tracked results.</summary>
    /// <returns>The folder they are in.</returns>
    public string Track(Run run)
    {
        string target = Path.Combine(this.tracked, ScaleName(run.Spec.Scale), run.Spec.Name);
        Directory.CreateDirectory(target);
        if (Path.GetFullPath(run.Folder) == Path.GetFullPath(target))
            return target;
        string[] small = [Path.Combine(run.Folder, SpecName), Path.Combine(run.Folder, SecondsName)];
        foreach (string file in small.Concat(Directory.EnumerateFiles(run.Folder, "*.csv")))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        return target;
    }

    /// <summary>A finished run from its folder.</summary>
    /// <exception cref="InvalidDataException">A file in it is not what it should be.</exception>
    public static Run Load(string folder)
    {
        return new Run(
            RunSpec.Load(Path.Combine(folder, SpecName)),
            folder,
            HistoryFile.Read(Path.Combine(folder, Trainer.HistoryName)),
            CaseScoreFile.Read(Path.Combine(folder, CasesName)),
            ReadSeconds(folder) is double seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>The scale's name in folders and on the command line.</summary>
    public static string ScaleName(Scale scale) => scale.ToString().ToLowerInvariant();

    private static string CasesUnder(TextMode text) => $"cases-{text.ToString().ToLowerInvariant()}.csv";

    private static bool IsFinished(string folder) => File.Exists(Path.Combine(folder, CasesName));

    private string? FinishedFolder(RunSpec spec) => Path.GetDirectoryName(this.FindHere(spec, CasesName));

    private string? FindHere(RunSpec spec, string name)
    {
        string own = Path.Combine(this.FolderOf(spec), name);
        return File.Exists(own) ? own : SameButForMachine(FoldersIn(Path.Combine(this.folder, ScaleName(spec.Scale))), spec, name);
    }

    private static string? SameButForMachine(IEnumerable<string> folders, RunSpec spec, string name)
    {
        string portable = spec.Portable.ToJson();
        return folders.Where(folder => File.Exists(Path.Combine(folder, name)))
            .FirstOrDefault(folder => RunSpec.Load(Path.Combine(folder, SpecName)).Portable.ToJson() == portable) is string found ? Path.Combine(found, name) : null;
    }

    private IEnumerable<string> TrackedFolders(Scale scale) => FoldersIn(Path.Combine(this.tracked, ScaleName(scale)));

    private static IEnumerable<string> FoldersIn(string place) => Directory.Exists(place)
        ? Directory.EnumerateDirectories(place).Where(f => File.Exists(Path.Combine(f, SpecName))).Order(StringComparer.Ordinal)
        : [];

    /// <returns>The folder of the run, which is finished now.</returns>
    private string Trained(RunSpec spec, Action<TrainingProgress> onProgress, CancellationToken cancellation)
    {
        string own = this.FolderOf(spec);
        Directory.CreateDirectory(own);
        while (UnderWay.TryGetValue(own, out CancellationToken former) && former.IsCancellationRequested)
        {
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(20);
        }

        using FileStream hold = Hold(own);
        if (IsFinished(own))
            return own;
        foreach (string leftover in Directory.EnumerateFiles(own, "*.tmp"))
            File.Delete(leftover); // of a process that was killed while it wrote
        AtomicFile.WriteText(Path.Combine(own, SpecName), spec.ToJson() + "\n");
        UnderWay[own] = cancellation;
        try
        {
            this.Train(spec, own, onProgress, cancellation);
        }
        finally
        {
            hold.Dispose();
            UnderWay.TryRemove(own, out _);
        }

        return own;
    }

    private static FileStream Hold(string own)
    {
        string path = Path.Combine(own, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new RunHeldException($"{own} is in another process's hands (its lock is held). Wait for that process, or end it and run again: the run resumes.", e);
        }
    }

    private void Train(RunSpec spec, string own, Action<TrainingProgress>? onProgress, CancellationToken cancellation)
    {
        TorchLibrary.EnsureLoaded();
        Device device = Devices.Use(spec.Device, spec.Threads);
        var clock = Stopwatch.StartNew();
        RunData data = RunData.Open(spec.Data);
        CheckSplit(Path.Combine(own, SplitName), data);
        try
        {
            Seeds.Torch(spec.Seed, "weights");
            using SegmentationModel model = spec.Model.Create();
            var trainer = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, device)
            {
                CheckpointEvery = this.CheckpointEvery,
                Metadata = { ["spec"] = spec.ToJson() },
            };
            trainer.Fit(data.Batches(spec, Part.Train), data.Batches(spec, Part.Val), own, onProgress, cancellation);
            Weights.Load(model, Path.Combine(own, Trainer.BestName));
            IReadOnlyList<CaseScore> cases = Scorer.Score(model, data.Batches(spec, Part.Test), device, null, cancellation, spec.FlipAtTest);
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

    /// <summary>The time that was written down; null where none was, or nothing that is a number.</summary>
    private static double? ReadSeconds(string folder)
    {
        string path = Path.Combine(folder, SecondsName);
        return File.Exists(path) && double.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out double seconds) ? seconds : null;
    }

    private static void AddSeconds(string own, Stopwatch clock)
    {
        double before = ReadSeconds(own) ?? 0;
        AtomicFile.WriteText(Path.Combine(own, SecondsName), (before + clock.Elapsed.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture) + "\n");
        clock.Restart();
    }
}
