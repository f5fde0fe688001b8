using System.Collections.Concurrent;

namespace C2FVL.Data;

/// <summary>
/// What this process learnt of files. A file is looked at again only where its time or size has changed: many runs of a
/// sweep, and the cells of a notebook, read the same data set.
/// </summary>
internal static class FileRecords
{
    // A file that was changed this shortly before it was read may change again within the clock's step.
    internal static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private static readonly ConcurrentDictionary<(string File, string Reading),
        (long Length, long Ticks, FileRecord Record)> Known = new();

    /// <summary>What is known of a file; it is looked at where it is new or changed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="reading">How it is read, where there are several ways: what passes one may not pass
    /// another.</param>
    /// <param name="look">Reads the file.</param>
    public static FileRecord Get(string file, string reading, Func<FileRecord> look)
    {
        (long length, long ticks) = Stamp(file);
        if (Known.TryGetValue((file, reading), out var kept) && kept.Length == length && kept.Ticks == ticks)
            return kept.Record;
        FileRecord record = look();
        if (DateTime.UtcNow.Ticks - ticks > Settled.Ticks)
            Known[(file, reading)] = (length, ticks, record);
        return record;
    }

    /// <summary>Size and time of the file itself where the path is a link to it.</summary>
    internal static (long Length, long Ticks) Stamp(string file)
    {
        var info = new FileInfo(file);
        if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            info = target;
        return (info.Length, info.LastWriteTimeUtc.Ticks);
    }
}
