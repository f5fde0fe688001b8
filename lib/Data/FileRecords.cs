using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using C2FVL.Platform;

namespace C2FVL.Data;

/// <summary>
/// What the gate learnt of each file of a data set. It is kept in the run store and used again while path, time and
/// size stay.
/// </summary>
internal sealed class FileRecords
{
    /// <summary>A folder with fewer files is looked at again faster than it is worth a file.</summary>
    private const int FewestKept = 500;

    private const string Format = "c2fvl-files-5";

    // A file that was changed this shortly before it was read may change again within the clock's step.
    internal static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly string source;
    private readonly string? path;
    private readonly ConcurrentDictionary<string, Known> known = new();
    private int added;

    /// <param name="root">The data set's folder.</param>
    /// <param name="reading">How masks are read, where there are several ways: what passes one may not pass
    /// another.</param>
    /// <param name="folder">Where records are kept; null to keep none.</param>
    public FileRecords(string root, string reading, string? folder)
    {
        source = $"{Format} {BuildInfo.Build} {root}";
        path = folder is null ? null
            : Path.Combine(folder, DataDigest.From(Encoding.UTF8.GetBytes($"{root}\n{reading}")) + ".json");
        if (!File.Exists(path))
            return;
        try
        {
            // Records of another build are not used: it may have read files otherwise.
            if (JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(path)) is Stored stored && stored.Source == source)
                known = new(stored.Files);
        }
        catch (JsonException)
        {
            // The files are looked at again.
        }
    }

    /// <summary>What is known of a file; it is looked at where it is new or changed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="look">Reads the file.</param>
    public FileRecord Get(string file, Func<string, FileRecord> look)
    {
        (long length, long ticks) = Stamp(file);
        if (known.TryGetValue(file, out Known? kept) && kept.Length == length && kept.Ticks == ticks)
            return kept.Record;
        FileRecord record = look(file);
        if (DateTime.UtcNow.Ticks - ticks > Settled.Ticks)
        {
            known[file] = new Known(length, ticks, record);
            Interlocked.Increment(ref added);
        }

        return record;
    }

    /// <summary>Writes the records where enough are new. A store that cannot be written costs only time.</summary>
    public void Keep()
    {
        if (path is null || added == 0 || known.Count < FewestKept)
            return;
        try
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, new Stored(source, new(known))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Size and time of the file itself where the path is a link to it.</summary>
    internal static (long Length, long Ticks) Stamp(string file)
    {
        var info = new FileInfo(file);
        if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            info = target;
        return (info.Length, info.LastWriteTimeUtc.Ticks);
    }

    private sealed record Known(long Length, long Ticks, FileRecord Record);

    private sealed record Stored(string Source, Dictionary<string, Known> Files);
}

/// <summary>What the gate learnt of an image that it accepts.</summary>
/// <param name="Digest">Of its bytes.</param>
/// <param name="Width">In pixels, as the image is shown.</param>
/// <param name="Height">In pixels, as the image is shown.</param>
/// <param name="Lesion">
/// The one value that is lesion in a mask, 0 where the mask shows none, <see cref="LesionValues.Soft"/> where it has
/// soft edges; null for an image, and for a mask of one bit or in JPEG.
/// </param>
/// <param name="Share">The share of the image that is lesion in a mask; null for an image.</param>
internal sealed record FileRecord(string Digest, int Width, int Height, int? Lesion = null, double? Share = null)
{
    /// <summary>A mask's values in words; null for an image.</summary>
    public string? Values { get; init; }

    /// <summary>An image's hash by its pixels, where it was asked for.</summary>
    public string? Hash { get; init; }
}
