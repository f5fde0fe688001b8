using static C2FVL.Data.Wording;

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
        (Case Case, Part Part)[] placed = [.. split.Placed(dataset)];
        Case[] cases = [.. placed.Select(one => one.Case)];
        var files = new FileRecords(dataset.Root, $"label {cases.FirstOrDefault()?.LesionLabel}", records);
        var looks = new (FileRecord? Image, FileRecord? Mask, DataFault? Fault)[cases.Length];
        EveryCase.Do(cases, (item, i) => looks[i] = Look(item, files), progress, cancellation);
        Refuse(dataset, [.. looks.Select(look => look.Fault).OfType<DataFault>()]);

        var masks = cases.Zip(looks).ToDictionary(look => look.First.Id, look => look.Second.Mask!);
        (DataFault? fault, IReadOnlyList<string> notes) =
            LesionValues.Check(dataset, split, masks.ToDictionary(mask => mask.Key, mask => mask.Value.Lesion));
        if (fault is not null)
            throw fault.AsException();
        files.Keep();
        var digests = new Dictionary<string, string>();
        foreach ((Case item, var (image, mask, _)) in cases.Zip(looks))
            (digests[item.ImagePath], digests[item.MaskPath!]) = (image!.Digest, mask!.Digest);
        return new DataGate
        {
            Digest = DataDigest.Of(dataset, split, file => digests[file]),
            Sets = [.. Enum.GetValues<Part>().Select(part => SetCounts.Of(part, split.Cases(dataset, part)))],
            Kinds = [.. cases.Select(c => c.Kind).Distinct().Order()],
            Notes = [.. notes, .. LesionValues.FullNotes([.. cases.Where(c => masks[c.Id].IsFull)]),
                .. SharedImages(placed, digests)],
        };
    }

    /// <summary>Says that sets share images, byte for byte; nothing where they do not.</summary>
    private static IEnumerable<string> SharedImages(
        IEnumerable<(Case Case, Part Part)> placed, IReadOnlyDictionary<string, string> digests)
    {
        Case[][] shared = [.. placed.GroupBy(one => digests[one.Case.ImagePath])
            .Where(same => same.DistinctBy(one => one.Part).Count() > 1)
            .Select(same => same.Select(one => one.Case).ToArray())];
        if (shared.Length > 0)
            yield return $"{CountedAre(shared.Length, "image")} in more than one set, byte for byte (such as "
                + $"{shared[0][0].Id} and {shared[0][^1].Id}), so scores are too optimistic. Keep each image in one "
                + "set.";
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
            return (image, mask, SampleReader.SizeFault(item, (image.Width, image.Height), (mask.Width, mask.Height)));
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
            throw faults[0].AsException();
        string rest = faults.Length > MostNamed
            ? $"\n  and {faults.Length - MostNamed} more; 'workbook check-data' lists all." : "";
        throw new InvalidDataException($"{dataset.Root}: {faults.Length} cases cannot be used:\n  "
            + $"{string.Join("\n  ", faults.Take(MostNamed))}{rest}");
    }
}
