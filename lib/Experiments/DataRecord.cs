using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>What a run read, as its provenance keeps it.</summary>
/// <param name="Digest">The digest of everything; <see cref="Mixed"/> where the data changed while the run was trained.</param>
/// <param name="Images">The images' digest.</param>
/// <param name="Masks">The masks' digest.</param>
/// <param name="Reports">The reports' digest.</param>
/// <param name="Split">The split's digest.</param>
/// <param name="Kind">X-ray, CT, or both.</param>
/// <param name="Sets">The training, validation and test set.</param>
/// <param name="Warnings">How many files were left out or doubtful.</param>
public sealed record DataRecord(string Digest, string Images, string Masks, string Reports, string Split, string Kind, IReadOnlyList<SetCounts> Sets, int Warnings)
{
    /// <summary>The digest of a run whose data changed while it was trained: no data have it.</summary>
    public const string Mixed = "mixed";

    /// <summary>The record of data that the gate let through.</summary>
    public static DataRecord Of(RunData data)
    {
        DataDigest digest = data.Gate.Digest;
        return new DataRecord(digest.Value, digest.Images, digest.Masks, digest.Reports, digest.Split, string.Join("+", data.Gate.Kinds), data.Gate.Sets, data.Dataset.Faults.Count);
    }

    /// <summary>What differs from a digest, without counts; null where nothing does.</summary>
    public string? DifferenceTo(DataDigest now)
    {
        if (this.Digest == now.Value)
            return null;
        (bool Same, string What)[] kinds = [(this.Images == now.Images, "images"), (this.Masks == now.Masks, "masks"), (this.Reports == now.Reports, "reports"), (this.Split == now.Split, "the split")];
        string[] other = [.. kinds.Where(kind => !kind.Same).Select(kind => kind.What)];
        return other.Length > 0 ? string.Join(", ", other) : "the data changed while it was trained";
    }
}
