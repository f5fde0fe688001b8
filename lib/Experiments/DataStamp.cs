using System.Security.Cryptography;
using System.Text;
using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>Names, sizes and times of all files in a data set's folder: whether it must be read again in this process.</summary>
/// <param name="Files">The number of files.</param>
/// <param name="Hash">Of the names, sizes and times.</param>
/// <param name="Newest">The latest time, in ticks.</param>
internal readonly record struct DataStamp(int Files, string Hash, long Newest)
{
    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8, AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <param name="places">Folders, with what is below them, and files.</param>
    public static DataStamp Of(IReadOnlyList<string> places)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        (int files, long newest) = (0, 0);
        foreach (string file in places.SelectMany(place => Directory.Exists(place) ? Directory.EnumerateFiles(place, "*", Below) : [place]).Order(StringComparer.Ordinal))
        {
            (long length, long ticks) = File.Exists(file) ? FileRecords.Stamp(file) : default;
            hash.AppendData(Encoding.UTF8.GetBytes($"{file}\n{length}\n{ticks}\n"));
            files++;
            newest = Math.Max(newest, ticks);
        }

        return new DataStamp(files, Convert.ToHexString(hash.GetHashAndReset()), newest);
    }
}
