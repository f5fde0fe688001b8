using System.Collections.Concurrent;

namespace C2FVL.Data;

/// <summary>
/// The one way by which data reach training, scoring and CAMs. It looks at every file of a split's cases before the
/// first step: images by their header, masks as they will be read, sizes, and what was left out. It refuses what would
/// end a run later, and takes the digest of what it lets through.
/// </summary>
public sealed record DataGate
{
    private const int MostNamed = 5;

    /// <summary>What was let through.</summary>
    public required DataDigest Digest { get; init; }

    /// <summary>The training, validation and test set.</summary>
    public required IReadOnlyList<SetCounts> Sets { get; init; }

    /// <summary>X-ray or CT, as the data set was read; both where it is mixed.</summary>
    public required IReadOnlyList<ImageKind> Kinds { get; init; }

    /// <summary>What the user should know of the masks, although nothing is refused.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Looks at all cases of a split, on all cores.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their sets.</param>
    /// <param name="records">Where what is known of files is kept, such as a folder of the run store; null to keep
    /// nothing.</param>
    /// <param name="progress">Called from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">A file cannot be used; the message names it, the cause and the
    /// cure.</exception>
    public static DataGate Check(Dataset dataset, Split split, string? records = null,
        IProgress<DatasetCheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        Part[] parts = Enum.GetValues<Part>();
        Case[] cases = [.. parts.SelectMany(part => split.Cases(dataset, part))];
        var files = new FileRecords(dataset.Root, $"label {cases.FirstOrDefault()?.LesionLabel}", records);
        var digests = new ConcurrentDictionary<string, string>();
        var lesions = new ConcurrentDictionary<string, int?>();
        var full = new ConcurrentDictionary<string, bool>();
        var faults = new DataFault?[cases.Length];
        EveryCase.Do(
            cases,
            (item, i) =>
            {
                (FileRecord? image, FileRecord? mask, faults[i]) = Look(item, files);
                if (image is FileRecord lookedAt)
                    digests[item.ImagePath] = lookedAt.Digest;
                if (mask is FileRecord drawn)
                    (digests[item.MaskPath!], lesions[item.Id], full[item.Id]) =
                        (drawn.Digest, drawn.Lesion, drawn.IsFull);
            },
            progress,
            cancellation);

        Refuse(dataset, [.. faults.OfType<DataFault>()]);
        (DataFault? fault, IReadOnlyList<string> notes) = LesionValues.Check(dataset, split, lesions);
        if (fault is not null)
            throw new InvalidDataException(fault.ToString());
        files.Keep();
        return new DataGate
        {
            Digest = DataDigest.Of(dataset, split, file => digests[file]),
            Sets = [.. parts.Select(part => SetCounts.Of(part, split.Cases(dataset, part)))],
            Kinds = [.. cases.Select(c => c.Kind).Distinct().Order()],
            Notes = [
                .. notes,
                .. LesionValues.FullNotes([.. cases.Where(c => full.GetValueOrDefault(c.Id))]),
                .. SharedImages(dataset, split, digests)],
        };
    }

    /// <summary>Says that sets share images, byte for byte; nothing where they do not.</summary>
    private static IEnumerable<string> SharedImages(
        Dataset dataset, Split split, IReadOnlyDictionary<string, string> digests)
    {
        Case[][] shared = [.. Enum.GetValues<Part>()
            .SelectMany(part => split.Cases(dataset, part), (part, item) => (Part: part, Case: item))
            .GroupBy(found => digests[found.Case.ImagePath])
            .Where(same => same.DistinctBy(found => found.Part).Count() > 1)
            .Select(same => same.Select(found => found.Case).ToArray())];
        if (shared.Length > 0)
        {
            string images = shared.Length == 1 ? "image is" : "images are";
            yield return $"{shared.Length} {images} in more than one set, byte for "
                + $"byte (such as {shared[0][0].Id} and {shared[0][^1].Id}), so scores are too optimistic. "
                + "Keep each image in one set.";
        }
    }

    private static (FileRecord? Image, FileRecord? Mask, DataFault? Fault) Look(Case item, FileRecords files)
    {
        string now = item.ImagePath;
        try
        {
            FileRecord image = files.Get(item.ImagePath, LookAtImage);
            if (item.MaskPath is null)
                return (image, null, new DataFault(item.ImagePath, null, "It has no mask.",
                    "Add its mask, or take the case out of the split."));
            now = item.MaskPath;
            FileRecord mask = files.Get(item.MaskPath, path => LookAtMask(path, item.LesionLabel));
            return (
                image, mask,
                (image.Width, image.Height) == (mask.Width, mask.Height)
                    ? null
                    : SampleReader.SizeFault(item, (image.Width, image.Height), (mask.Width, mask.Height)));
        }
        catch (Exception e) when (e is not OutOfMemoryException) // whatever a decoder throws, the file is the cause
        {
            return (null, null, ImageFile.FaultOf(now, e));
        }
    }

    private static FileRecord LookAtImage(string path)
    {
        byte[] bytes = ImageFile.ReadBytes(path);
        if (PngFile.IsWhole(bytes) || IsWholeJpeg(bytes))
        {
            ImageHeader header = ImageFile.ReadHeader(path, bytes);
            if (header.Bits <= 8)
                return new FileRecord(DataDigest.OfBytes(bytes), header.Width, header.Height);
        }

        GrayImage image = ImageFile.Read(path); // what is not plain to see is decoded, which says what is wrong with it
        return new FileRecord(DataDigest.OfBytes(bytes), image.Width, image.Height);
    }

    private static FileRecord LookAtMask(string path, int? lesionLabel)
    {
        byte[] bytes = ImageFile.ReadBytes(path);
        if (lesionLabel is null && PngFile.IsWhole(bytes)
            && ImageFile.ReadHeader(path, bytes) is { IsOneBit: true } header)
            return new FileRecord(DataDigest.OfBytes(bytes), header.Width, header.Height);
        BinaryMask mask = ImageFile.ReadMask(path, lesionLabel, out IReadOnlyList<int> values);
        return new FileRecord(DataDigest.OfBytes(bytes), mask.Width, mask.Height,
            LesionValues.Of(path, mask, values, lesionLabel),
            LesionValues.IsFull(mask.Area / ((double)mask.Width * mask.Height)));
    }

    /// <summary>Whether a JPEG ends with its end mark.</summary>
    private static bool IsWholeJpeg(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 4 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[^2] == 0xFF && bytes[^1] == 0xD9;

    private static void Refuse(Dataset dataset, DataFault[] faults)
    {
        if (faults.Length == 0)
            return;
        if (faults.Length == 1)
            throw new InvalidDataException(faults[0].ToString());
        string rest = faults.Length > MostNamed
            ? $"\n  and {faults.Length - MostNamed} more; 'workbook check-data' lists all."
            : "";
        throw new InvalidDataException($"{dataset.Root}: {faults.Length} cases cannot be used:\n  "
            + $"{string.Join("\n  ", faults.Take(MostNamed).Select(fault => fault.ToString()))}{rest}");
    }
}
