using System.Text.Json;
using C2FVL.Data;
using C2FVL.Platform;
using TorchSharp;

namespace C2FVL.Experiments;

/// <summary>
/// Which data and which code made a run: provenance.json in its folder. Runs made before it have none.
/// </summary>
public sealed record Provenance
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "provenance.json";

    /// <summary>The file with a line per case, for telling how many differ. It stays in the run store.</summary>
    internal const string DigestsName = "data.txt";

    /// <summary>The data; null where they were not recorded.</summary>
    public DataRecord? Data { get; init; }

    /// <summary>The code, in order; more than one where a run was resumed by other code.</summary>
    public IReadOnlyList<CodeRecord> Code { get; init; } = [];

    /// <summary>When the test was done, UTC; null before.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>Files of the run that were made later from other data than the run's, with the data's digest.</summary>
    public IReadOnlyDictionary<string, string> FromOtherData { get; init; } = new Dictionary<string, string>();

    /// <summary>A run's provenance; null where it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; the message names it.</exception>
    public static Provenance? Find(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Provenance>(File.ReadAllText(path), JsonFormat.File)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{path} is damaged: {e.Message} Restore it, or delete the run's folder to train it again.", e);
        }
    }

    /// <summary>Writes the file into a run's folder, whole or not at all.</summary>
    public void Save(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JsonFormat.File) + "\n");

    /// <summary>What of the data changed since a run read them, such as "12 masks, 3 reports".</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="now">The data as they are now.</param>
    /// <returns>Null where nothing changed, or where the run's data were not recorded.</returns>
    public static string? Change(string folder, DataDigest now)
    {
        if (Find(folder)?.Data is not DataRecord data || data.Digest == now.Value)
            return null;
        string lines = Path.Combine(folder, DigestsName);
        string? counted = data.Digest != DataRecord.Mixed && File.Exists(lines)
            ? now.DifferenceFrom(DataDigest.Load(lines))
            : null;
        return counted is { Length: > 0 } ? counted : data.DifferenceTo(now);
    }

    /// <summary>
    /// Where tables show runs of several codes, thread counts or data sets, one sentence that says so; empty elsewhere.
    /// </summary>
    public static string Mixture(IEnumerable<Run> runs)
    {
        Run[] all = [.. runs.DistinctBy(run => run.Folder)];
        Func<Run, string>[] ways =
        [
            run => run.Spec.Threads == 1 ? "1 thread" : $"{run.Spec.Threads} threads",
            run => run.Provenance is { Code.Count: > 0 } made
                ? string.Join(" then ", made.Code.Select(code => "version " + code.Code()).Distinct())
                : "version not recorded",
            run => run.Spec.Device,
        ];
        string[] mixed = [
            .. ways.Select(way => all.CountBy(way).OrderBy(n => n.Key, StringComparer.Ordinal).ToArray())
                .Where(counts => counts.Length > 1)
                .Select(counts => string.Join(", ", counts.Select(n => $"{n.Value} with {n.Key}")))];
        string[] poor = [
            .. all.Where(run => run.ReportsText() is not null)
                .Where(run => run.Provenance!.Data!.Sets.Any(set => set.ReportShare() < 1))
                .Select(run => $"{run.Spec.Model.Name}: {run.ReportsText()}")
                .Distinct()];
        return (mixed.Length > 0 ? $" Runs made in different ways: {string.Join("; ", mixed)}." : "")
            + (poor.Length > 0 ? $" {string.Join("; ", poor)}." : "");
    }
}

/// <summary>The code and the machine's settings that worked on a run.</summary>
/// <param name="Version">The library's version.</param>
/// <param name="Commit">The git commit it was built from; empty where unknown.</param>
/// <param name="Build">Differs wherever the compiled code differs.</param>
/// <param name="Libtorch">libtorch's version, and whether it went without oneDNN.</param>
/// <param name="Threads">libtorch's threads.</param>
/// <param name="Device">"cpu", or "cuda" with the GPU's model, and TF32 if allowed.</param>
/// <param name="Since">When it began, UTC.</param>
public sealed record CodeRecord(
    string Version, string Commit, string Build, string Libtorch, int Threads, string Device, DateTime Since)
{
    /// <summary>This process's, for a spec. libtorch is loaded for it.</summary>
    public static CodeRecord Now(RunSpec spec)
    {
        TorchLibrary.EnsureLoaded();
        return new CodeRecord(
            BuildInfo.Version, BuildInfo.Commit, BuildInfo.Build,
            torch.__version__ + (TorchLibrary.WithoutOneDnn ? " without oneDNN" : ""),
            spec.Threads,
            Devices.WithModel(spec.Device)
                + (spec.Device != "cpu" && torch.backends.cuda.matmul.allow_tf32 ? ", TF32" : ""),
            Now());
    }

    /// <summary>Version and commit, such as "1.0.0+bcdb44a2ed76".</summary>
    public string Code() => Commit.Length > 0 ? $"{Version}+{Commit}" : Version;

    /// <summary>The time now, UTC, in whole seconds.</summary>
    internal static DateTime Now() =>
        new(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}

/// <summary>What a run read, as its provenance keeps it.</summary>
/// <param name="Digest">The digest of everything; <see cref="Mixed"/> where the data changed while the run was
/// trained.</param>
/// <param name="Images">The images' digest.</param>
/// <param name="Masks">The masks' digest.</param>
/// <param name="Reports">The reports' digest.</param>
/// <param name="Split">The split's digest.</param>
/// <param name="Kind">X-ray, CT, or both.</param>
/// <param name="Sets">The training, validation and test set.</param>
/// <param name="Warnings">How many files were left out or doubtful.</param>
public sealed record DataRecord(
    string Digest, string Images, string Masks, string Reports, string Split, string Kind,
    IReadOnlyList<SetCounts> Sets, int Warnings)
{
    /// <summary>The digest of a run whose data changed while it was trained: no data have it.</summary>
    public const string Mixed = "mixed";

    /// <summary>The record of data that the gate let through.</summary>
    public static DataRecord Of(RunData data)
    {
        DataDigest digest = data.Gate.Digest;
        return new DataRecord(
            digest.Value, digest.Images, digest.Masks, digest.Reports, digest.Split, string.Join("+", data.Gate.Kinds),
            data.Gate.Sets, data.Dataset.Faults.Count);
    }

    /// <summary>What differs from another digest, without counts.</summary>
    internal string DifferenceTo(DataDigest now)
    {
        (bool Same, string What)[] kinds = [
            (Images == now.Images, "images"), (Masks == now.Masks, "masks"), (Reports == now.Reports, "reports"),
            (Split == now.Split, "the split")];
        string[] other = [.. kinds.Where(kind => !kind.Same).Select(kind => kind.What)];
        return other.Length > 0 ? string.Join(", ", other) : "the data changed while it was trained";
    }
}
