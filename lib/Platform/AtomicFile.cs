using System.Text;

namespace C2FVL.Platform;

/// <summary>Writes a file so that a reader, a kill or a full disk never meets half of it.</summary>
public static class AtomicFile
{
    /// <summary>Writes under a temporary name in the same folder, flushes to the disk, and renames.</summary>
    /// <param name="path">The file; its folder is made if need be.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written (a full disk); the former file is untouched and the message
    /// names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(path)!;
        string temporary = $"{path}.{Guid.NewGuid():n}.tmp"; // two threads, or processes on two machines, may write one
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            bool isMade = Directory.Exists(folder);
            if (isMade)
                File.Delete(temporary);
            if (e is IOException)
                throw new IOException($"{path} could not be written: " + (isMade
                    ? $"{e.Message} The previous file is unchanged."
                    : $"its folder cannot be made ({e.Message.TrimEnd('.')})."), e);
            throw;
        }
    }

    /// <summary>Whether a text file ends with a line end, as those that are written whole do.</summary>
    internal static bool EndsWithLine(string path)
    {
        using FileStream stream = File.OpenRead(path);
        stream.Position = Math.Max(0, stream.Length - 1);
        return stream.Length == 0 || stream.ReadByte() == '\n';
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void WriteBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void WriteText(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));
}
