using System.Text.Json;
using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>Which data and which code made a run: provenance.json in its folder. Runs made before it have none.</summary>
public sealed record Provenance
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "provenance.json";

    /// <summary>The file with a line per case, for telling how many differ. It stays in the run store.</summary>
    internal const string DigestsName = "data.txt";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

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
            return JsonSerializer.Deserialize<Provenance>(File.ReadAllText(path), Json) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged: {e.Message} Restore it, or delete the run's folder to train it again.", e);
        }
    }

    /// <summary>The same with other data and code.</summary>
    internal Provenance With(DataRecord? data, IReadOnlyList<CodeRecord> code) => this with { Data = data, Code = code };

    /// <summary>Writes the file into a run's folder, whole or not at all.</summary>
    public void Save(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>What of the data changed since a run read them, such as "12 masks, 3 reports".</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="now">The data as they are now.</param>
    /// <returns>Null where nothing changed, or where the run's data were not recorded.</returns>
    public static string? Change(string folder, DataDigest now)
    {
        if (Find(folder)?.Data is not DataRecord data || data.Digest == now.Value)
            return null;
        string lines = Path.Combine(folder, DigestsName);
        string? counted = data.Digest != DataRecord.Mixed && File.Exists(lines) ? now.DifferenceFrom(DataDigest.Load(lines)) : null;
        return counted is { Length: > 0 } ? counted : data.DifferenceTo(now);
    }

    /// <summary>Where tables show runs of several codes, thread counts or data sets, one sentence that says so; empty elsewhere.</summary>
    public static string Mixture(IEnumerable<Run> runs)
    {
        Run[] all = [.. runs.DistinctBy(run => run.Folder)];
        string[] mixed =
        [
            .. Counts(all, run => run.Spec.Threads == 1 ? "1 thread" : $"{run.Spec.Threads} threads"),
            .. Counts(all, run => run.Provenance is { Code.Count: > 0 } p ? string.Join(" then ", p.Code.Select(code => "version " + code.Code()).Distinct()) : "version not recorded"),
            .. Counts(all, run => run.Spec.Device),
        ];
        string[] poor = [.. all.Where(run => run.ReportsText() is not null && run.Provenance!.Data!.Sets.Any(set => set.ReportShare() < 1)).Select(run => $"{run.Spec.Model.Name}: {run.ReportsText()}").Distinct()];
        return (mixed.Length > 0 ? $" Runs made in different ways: {string.Join("; ", mixed)}." : "") + (poor.Length > 0 ? $" {string.Join("; ", poor)}." : "");
    }

    private static IEnumerable<string> Counts(Run[] runs, Func<Run, string> what)
    {
        (string Key, int Value)[] counts = [.. runs.CountBy(what).OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => (n.Key, n.Value))];
        return counts.Length > 1 ? [string.Join(", ", counts.Select(n => $"{n.Value} with {n.Key}"))] : [];
    }
}
