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
/// Runs by their spec: finished ones load where their data are unchanged, interrupted ones resume, missing ones train.
/// A run is a folder <c>scale/name</c> with spec.json, provenance.json, data.txt, split.json, history.csv, cases.csv,
/// best.safetensors, last.safetensors, log.txt and seconds.txt, from.txt where it started from other weights, and
/// cases-TEXT.csv for each other text its test cases were scored with. Where the data are not those of the run of that
/// name, the folder's name ends with the first six digits of their digest.
/// Deleting a folder costs that run and nothing else.
/// </summary>
public sealed class RunStore
{
    internal const string CasesName = "cases.csv", SpecName = "spec.json", SecondsName = "seconds.txt";
    private const string SplitName = "split.json", LockName = "lock", StartName = "from.txt";
    private const int DigestDigits = 6;

    // What this process trains, with what ends it: an interrupted cell's run goes on for one more step.
    private static readonly ConcurrentDictionary<string, CancellationToken> UnderWay = new();

    /// <param name="folder">Where runs are kept; null for <see cref="Workspace.Runs"/>.</param>
    /// <param name="tracked">Where tracked results are looked for; null for <see cref="Workspace.Results"/>.</param>
    public RunStore(string? folder = null, string? tracked = null) =>
        (Folder, Results) = (folder ?? Workspace.Runs, tracked ?? Workspace.Results);

    /// <summary>How often a checkpoint is written within an epoch.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether runs are served and resumed though their data changed. The default is false.</summary>
    public bool AcceptChangedData { get; init; }

    /// <summary>
    /// The least share of each set's cases whose report must be understood, 0 to 1, where a model reads it. The default
    /// is 0.95.
    /// </summary>
    public double LeastReports { get; init; } = RunData.DefaultLeastReports;

    /// <summary>
    /// Called with what a user should know, such as that a run's data have changed. Default: the console.
    /// </summary>
    public Action<string> Note { get; init; } = Console.WriteLine;

    /// <summary>Called with the gate's progress on the files.</summary>
    public IProgress<DatasetCheckProgress>? GateProgress { get; init; }

    /// <summary>Called with each epoch that a run of this store finishes; null for nobody.</summary>
    public Action<RunEpoch>? OnEpoch { get; init; }

    /// <summary>Where the runs are kept.</summary>
    public string Folder { get; }

    /// <summary>Where tracked results are kept.</summary>
    internal string Results { get; }

    /// <summary>The folder of a spec's run by its name, whether it is there or not.</summary>
    public string FolderOf(RunSpec spec) => Path.Combine(Folder, ScaleName(spec.Scale), spec.Name);

    /// <summary>
    /// Whether the run is trained and scored in this store with the data as they are, with whatever threads and device.
    /// </summary>
    public bool IsFinished(RunSpec spec) => FindReady(spec, DataOf(spec)) is (_, null);

    /// <summary>Whether <see cref="GetOrTrain"/> gives the run without training.</summary>
    public bool IsReady(RunSpec spec) => FindReady(spec, DataOf(spec)) is not null;

    /// <summary>Whether some process is using the run now.</summary>
    public bool IsLocked(RunSpec spec) => OwnFolders(spec).Prepend(FolderOf(spec)).Any(IsLocked);

    /// <summary>
    /// The finished run of a spec: from the store, else from the tracked results. Threads and device belong to the
    /// machine and change only the last bits, so a run that differs in them alone is found too, after the one that does
    /// not. A run whose data differ from those on this machine is not found, unless that is accepted.
    /// </summary>
    /// <returns>The run, or null where there is none.</returns>
    public Run? Find(RunSpec spec)
    {
        Lazy<RunData?> data = DataOf(spec);
        return FindFile(spec, CasesName, data) is string cases ? Load(Path.GetDirectoryName(cases)!, data) : null;
    }

    /// <summary>
    /// The tracked run of an earlier form of a preset: of the same method, data, text and seed, with another network,
    /// loss, training or augmentation. Another learning rate alone is a trial and no form. Of several, the nearest to
    /// the preset.
    /// </summary>
    /// <returns>The run, or null where there is none.</returns>
    public Run? FindEarlierForm(RunSpec preset) => Tracked(preset.Scale)
        .Where(run => run.Spec.Model.Name == preset.Model.Name && run.Spec.Seed == preset.Seed)
        .Where(run => run.Spec.Data == preset.Data)
        .Where(run => run.Spec.Text == preset.Text && run.Spec.TextDropout == preset.TextDropout)
        .Select(run => (Run: run, Differences: SpecDifference.InMethod(run.Spec).Split(", ")))
        .Where(found => !found.Differences.All(one => one.Contains("LearningRate=", StringComparison.Ordinal)))
        .OrderBy(found => found.Differences.Length)
        .Select(found => found.Run)
        .FirstOrDefault();

    /// <summary>
    /// A file of a spec's run, looked for as <see cref="Find"/> looks for the run, in whichever folder has it.
    /// </summary>
    /// <param name="spec">The run.</param>
    /// <param name="name">The file's name in the run's folder.</param>
    /// <returns>Its path, or null where there is none.</returns>
    public string? FindFile(RunSpec spec, string name) => FindFile(spec, name, DataOf(spec));

    /// <summary>All tracked results of a preset, by name.</summary>
    public IEnumerable<Run> Tracked(Scale scale) => FoldersIn(Results, scale).Select(Load);

    /// <summary>
    /// The run of a spec with its weights: loaded if it is finished here with the data as they are, as
    /// <see cref="Find"/> does; else copied from the tracked results, if their weights are tracked too (data/weights);
    /// else resumed or trained, then tested. A run that is refused leaves nothing behind.
    /// </summary>
    /// <param name="spec">What to run.</param>
    /// <param name="onProgress">Called after every training step; null shows the progress below the notebook
    /// cell.</param>
    /// <param name="cancellation">Ends it after the step under way, resumable; the default is the notebook cell's
    /// interruption.</param>
    /// <exception cref="RunLockedException">Another process is using this run.</exception>
    /// <exception cref="InvalidDataException">The data cannot be used; the message says why and how to go
    /// on.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public Run GetOrTrain(
        RunSpec spec, Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        LiveProgress? live = onProgress is null ? new LiveProgress($"Training {spec.Model.Name}") : null;
        onProgress ??= p => live!.Report(Math.Min(p.Done, p.Total), p.Total + 1, p.ToString());
        cancellation = NotebookCell.Interrupt(cancellation);
        Lazy<RunData?> data = DataOf(spec, cancellation);
        string own = FindReady(spec, data) switch
        {
            (string folder, null) => folder,
            (string tracked, string weights) => Copied(spec, tracked, weights),
            null => Trained(spec, data, onProgress, cancellation),
        };
        Run run = Load(own, data);
        if (TrackedWeights.SourceOf(own) is string source)
            Note($"{spec.Name}: it was not trained here. {source}");
        live?.Report(1, 1, $"{run.History.Count} epochs");
        return run;
    }

    /// <summary>
    /// The test scores of a run whose reports were replaced by another text only at testing: read from cases-TEXT.csv
    /// in the run's folder.
    /// </summary>
    /// <returns>The scores; the run's own where the text is its own; null where they were not taken yet.</returns>
    public static IReadOnlyList<CaseScore>? FindScores(Run run, TextMode text) =>
        text == run.Spec.Text ? run.Cases
        : HasScores(run, text) ? CaseScoreFile.Read(Path.Combine(run.Folder, CasesUnder(text))) : null;

    /// <summary>Whether <see cref="FindScores"/> finds any.</summary>
    public static bool HasScores(Run run, TextMode text) => text == run.Spec.Text || run.Has(CasesUnder(text));

    /// <summary>
    /// Scores a finished run's test cases with other texts and its best weights, and keeps the scores in its folder.
    /// </summary>
    /// <param name="run">A finished run.</param>
    /// <param name="texts">The texts at testing; existing scores are reused.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the scoring after the batch under way; the text under way is not kept
    /// then.</param>
    /// <exception cref="FileNotFoundException">Scores are missing and the run has no weights.</exception>
    /// <exception cref="InvalidDataException">The data changed since the run.</exception>
    public static void Score(
        Run run, IEnumerable<TextMode> texts, Action<int>? onBatch = null, CancellationToken cancellation = default)
    {
        foreach (TextMode text in texts.Where(text => !HasScores(run, text)))
            run.Measure(CasesUnder(text), cancellation, (model, data, device, stop) =>
            {
                IReadOnlyList<CaseScore> scores = Scorer.Score(
                    model, data.Batches(run.Spec, Part.Test, text), device, onBatch, stop, run.Spec.FlipAtTest);
                return path => CaseScoreFile.Write(path, scores);
            });
    }

    /// <summary>A finished run from its folder.</summary>
    /// <exception cref="InvalidDataException">A file in it is not what it should be.</exception>
    public static Run Load(string folder)
    {
        var run = new Run(
            LoadSpec(folder), folder, HistoryFile.Read(Path.Combine(folder, Trainer.HistoryName)),
            CaseScoreFile.Read(Path.Combine(folder, CasesName)),
            ReadSeconds(folder) is double seconds ? TimeSpan.FromSeconds(seconds) : null)
        { Provenance = Provenance.Find(folder) };
        return run.TestCount is not int count || count == run.Cases.Count ? run : throw new InvalidDataException(
            $"{Path.Combine(folder, CasesName)} has {run.Cases.Count} rows, and the run has {count} test cases: the "
                + "file was cut. Delete it and train the run again: only its test cases are scored again.");
    }

    private static RunSpec LoadSpec(string folder)
    {
        try
        {
            return RunSpec.Load(Path.Combine(folder, SpecName));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                $"{e.Message} Restore the file, or delete the folder {folder} to train the run again.", e);
        }
    }

    /// <summary>The folders of a preset's runs in this store, finished or not, by name.</summary>
    public IEnumerable<string> Folders(Scale scale) => FoldersIn(Folder, scale);

    /// <summary>Whether some process is using the run of a folder now.</summary>
    internal static bool IsLocked(string own)
    {
        if (!File.Exists(Path.Combine(own, LockName)))
            return false;
        try
        {
            Lock(own).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return e is RunLockedException; // of all else whoever trains it is told
        }
    }

    /// <summary>The preset's name in folders and on the command line.</summary>
    public static string ScaleName(Scale scale) => scale.ToString().ToLowerInvariant();

    private static string CasesUnder(TextMode text) => $"cases-{text.ToString().ToLowerInvariant()}.csv";

    private Run Load(string folder, Lazy<RunData?> data)
    {
        Run run = Load(folder);
        if (run.Provenance?.Data is null || data.Value?.Gate.Digest is not DataDigest now
            || Provenance.Change(folder, now) is not string change)
            return run;
        Note(
            $"{Path.GetFileName(folder)}: the data have changed since this run ({change}). It is used anyway, as "
                + "you accepted.");
        return run with { AcceptedChange = change };
    }

    /// <summary>A spec's data as they are on this machine; null where they are not.</summary>
    private Lazy<RunData?> DataOf(RunSpec spec, CancellationToken cancellation = default) => new(
        () => RunData.IsHere(spec.Data) ? RunData.Open(spec.Data, GateProgress, cancellation) : null);

    /// <summary>
    /// In the folders of the spec's name, else in those of runs that differ in the machine alone, else in the tracked
    /// results.
    /// </summary>
    private string? FindFile(RunSpec spec, string name, Lazy<RunData?> data)
    {
        IEnumerable<string> Alike(string place) => FoldersIn(place, spec.Scale)
            .Where(folder => spec.IsAlike(() => RunSpec.Load(Path.Combine(folder, SpecName))));
        return Choose(OwnFolders(spec), name, data) ?? Choose(Alike(Folder), name, data)
            ?? Choose(Alike(Results), name, data);
    }

    /// <summary>
    /// The folder of a finished run of this store; else that of a tracked run and its weights, unless the run has begun
    /// here.
    /// </summary>
    private (string Folder, string? Weights)? FindReady(RunSpec spec, Lazy<RunData?> data)
    {
        if (Path.GetDirectoryName(FindFile(spec, CasesName, data)) is not string folder)
            return null;
        if (Path.GetDirectoryName(folder) == Path.GetDirectoryName(FolderOf(spec)))
            return (folder, null);
        string places = Path.Combine(Path.GetDirectoryName(Results)!, "weights");
        return !File.Exists(Path.Combine(FolderOf(spec), Trainer.LastName))
            && TrackedWeights.Find(spec, places, Note) is string weights ? (folder, weights) : null;
    }

    /// <returns>The folder of the run, made of the tracked results and weights.</returns>
    private string Copied(RunSpec spec, string tracked, string weights)
    {
        string own = FolderOf(spec);
        using FileStream hold = Lock(own);
        TrackedWeights.CopyRun(tracked, weights, own);
        return own;
    }

    /// <summary>
    /// The file of the first folder whose run read the data as they are; else of the first whose data are not recorded;
    /// else, where that is accepted, of the first.
    /// </summary>
    private string? Choose(IEnumerable<string> folders, string name, Lazy<RunData?> data)
    {
        (string Path, Provenance? Made)[] there = [
            .. folders.Where(folder => File.Exists(Path.Combine(folder, name)))
                .Select(folder => (Path.Combine(folder, name), Provenance.Find(folder)))];
        bool recorded = there.Any(file => file.Made?.Data is not null);
        if (!AcceptChangedData)
            there = [.. there.Where(file => file.Made?.FromOtherData.ContainsKey(name) != true)];
        if (there.Length == 0 || !recorded || data.Value is not RunData now)
            return there.FirstOrDefault().Path;
        return there.FirstOrDefault(file => file.Made?.Data?.Digest == now.Gate.Digest.Value).Path
            ?? there.FirstOrDefault(file => file.Made?.Data is null).Path
            ?? (AcceptChangedData ? there[0].Path : null);
    }

    /// <summary>The folder of the spec's name, and those of the same name whose data differed.</summary>
    private IEnumerable<string> OwnFolders(RunSpec spec) => FoldersIn(Folder, spec.Scale, spec.Name + "*");

    /// <summary>Where a run is trained or resumed: the folder of its name, unless a run of other data has it.</summary>
    private string ChooseFolder(RunSpec spec, RunData data, out string? change)
    {
        string own = FolderOf(spec), other = $"{own}-{data.Gate.Digest.Value[..DigestDigits]}";
        change = null;
        if (Provenance.Find(other)?.Data?.Digest == data.Gate.Digest.Value)
            return other;
        if (ChangeOf(own, data) is not string changed)
            return own;
        Note($"{spec.Name}: the data have changed since this run " + (AcceptChangedData
            ? $"began ({changed}). It is resumed anyway, as you accepted."
            : $"({changed}), so it is trained again in {other}. --accept-changed-data uses the earlier run."));
        change = AcceptChangedData ? changed : null;
        return AcceptChangedData ? own : other;
    }

    /// <summary>
    /// What of the data changed since a run began; null where nothing did, or where it has not begun.
    /// </summary>
    private static string? ChangeOf(string own, RunData data)
    {
        if (Provenance.Find(own)?.Data is not null)
            return Provenance.Change(own, data.Gate.Digest);
        string path = Path.Combine(own, SplitName);
        return !File.Exists(path) || SplitIs(path, data.Split) ? null : "the split; the files were not recorded";
    }

    private static bool SplitIs(string path, Split split)
    {
        Split begun = Split.Read(path);
        return Enum.GetValues<Part>().All(part => begun[part].SequenceEqual(split[part]));
    }

    /// <summary>Writes what a run is before its first step, and what it is resumed by.</summary>
    private static void Begin(RunSpec spec, RunData data, string own, string? change)
    {
        Provenance? before = Provenance.Find(own);
        string split = Path.Combine(own, SplitName);
        if (change is not null && !SplitIs(split, data.Split))
            throw new InvalidDataException(
                $"{own}: the split has changed since this run began ({change}), so it cannot be resumed. Leave out "
                    + "--accept-changed-data to train it again.");
        bool isNew = before?.Data is null && !File.Exists(split);
        AtomicFile.WriteText(Path.Combine(own, SpecName), spec.ToJson() + "\n");
        if (isNew)
            data.Gate.Digest.Save(Path.Combine(own, Provenance.DigestsName));
        CodeRecord code = CodeRecord.Now(spec);
        IReadOnlyList<CodeRecord> codes = before?.Code ?? [];
        DataRecord? read = isNew ? DataRecord.Of(data)
            : change is null ? before?.Data : before!.Data! with { Digest = DataRecord.Mixed };
        bool isSame = codes.Count > 0 && codes[^1] with { Since = code.Since } == code;
        ((before ?? new Provenance()) with { Data = read, Code = isSame ? codes : [.. codes, code] }).Save(own);
        if (!File.Exists(split))
            data.Split.Save(split);
    }

    private static IEnumerable<string> FoldersIn(string place, Scale scale, string pattern = "*")
    {
        string own = Path.Combine(place, ScaleName(scale));
        return !Directory.Exists(own) ? [] : Directory.EnumerateDirectories(own, pattern)
            .Where(folder => File.Exists(Path.Combine(folder, SpecName))).Order(StringComparer.Ordinal);
    }

    /// <returns>The folder of the run, which is finished now.</returns>
    private string Trained(
        RunSpec spec, Lazy<RunData?> data, Action<TrainingProgress> onProgress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        RunData opened = data.Value ?? RunData.Open(spec.Data); // which says where the set was looked for
        opened.Require(spec, leastReports: LeastReports);
        string own = ChooseFolder(spec, opened, out string? change);
        while (UnderWay.TryGetValue(own, out CancellationToken former) && former.IsCancellationRequested)
        {
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(20);
        }

        if (IsLocked(own))
            Lock(own).Dispose(); // says so before anything is made
        bool isBegun = File.Exists(Path.Combine(own, Trainer.LastName));
        using var training = new RunTraining(spec, opened, CheckpointEvery, isBegun);
        Directory.CreateDirectory(own);
        using FileStream hold = Lock(own);
        if (File.Exists(Path.Combine(own, CasesName)))
            return own;
        foreach (string leftover in Directory.EnumerateFiles(own, "*.tmp"))
            File.Delete(leftover); // of a process that was killed while it wrote
        UnderWay[own] = cancellation;
        try
        {
            Begin(spec, opened, own, change);
            if (training.Start is StartingWeights start)
            {
                Note(start.ToText());
                AtomicFile.WriteText(Path.Combine(own, StartName), start.ToText(int.MaxValue) + "\n");
            }

            IReadOnlyList<CaseScore> cases = training.Run(own, onProgress, OnEpoch, cancellation);
            (Provenance.Find(own)! with { Finished = CodeRecord.Now() }).Save(own);
            AddSeconds(own, clock);
            CaseScoreFile.Write(Path.Combine(own, CasesName), cases);
            return own;
        }
        catch
        {
            AddSeconds(own, clock);
            throw;
        }
        finally
        {
            hold.Dispose();
            UnderWay.TryRemove(own, out _);
        }
    }

    /// <summary>
    /// Whether another process holds a file open, as Linux, macOS and Windows say it; all else is a file that cannot be
    /// had at all.
    /// </summary>
    private static bool IsSharingViolation(Exception e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static FileStream Lock(string own)
    {
        try
        {
            Directory.CreateDirectory(own);
            return new FileStream(
                Path.Combine(own, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new RunLockedException(
                $"Another process is using this run (locked): {own}. Wait for that process, or end it and run "
                    + "again: the run resumes.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new IOException(
                $"{own} is not writable ({e.Message.TrimEnd('.')}). Make the folder writable, or keep runs elsewhere "
                    + "with C2FVL_RUNS.", e);
        }
    }

    /// <summary>The time that was written down; null where none was, or nothing that is a number.</summary>
    private static double? ReadSeconds(string folder)
    {
        string path = Path.Combine(folder, SecondsName), text = File.Exists(path) ? File.ReadAllText(path) : "";
        return double.TryParse(text, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and < 1e9
            ? seconds
            : null;
    }

    private static void AddSeconds(string own, Stopwatch clock)
    {
        double seconds = (ReadSeconds(own) ?? 0) + clock.Elapsed.TotalSeconds;
        AtomicFile.WriteText(Path.Combine(own, SecondsName), FormattableString.Invariant($"{seconds:0.0}\n"));
    }
}

/// <summary>Another process is using a run: the lock in the run's folder is taken.</summary>
public sealed class RunLockedException(string message, Exception inner) : IOException(message, inner);
