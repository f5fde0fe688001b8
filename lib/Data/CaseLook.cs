namespace C2FVL.Data;

/// <summary>What one look at a case's files tells.</summary>
/// <param name="Case">The case.</param>
/// <param name="Image">Its image; null where it cannot be read.</param>
/// <param name="Mask">Its mask; null where it has none or it cannot be read.</param>
/// <param name="Faults">What is wrong with its files.</param>
internal sealed record CaseLook(Case Case, FileRecord? Image, FileRecord? Mask, IReadOnlyList<DataFault> Faults)
{
    private const int MostValuesListed = 8;

    /// <summary>Looks at many cases on all cores; their order is kept, and a bad file stops nothing.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="files">What is known of their files already.</param>
    /// <param name="grays">Counts the pixels of images that are read, and lets them be compared; null for
    /// neither.</param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static CaseLook[] All(IReadOnlyList<Case> cases, FileRecords files, GrayHistogram? grays,
        IProgress<DatasetCheckProgress>? progress, CancellationToken cancellation)
    {
        var gate = new Lock();
        int done = 0, step = Math.Max(1, cases.Count / 200);
        return [.. cases.AsParallel().AsOrdered().WithCancellation(cancellation).Select(item =>
        {
            CaseLook look = At(item, files, grays);
            lock (gate)
            {
                if (++done % step == 0 || done == cases.Count)
                    progress?.Report(new DatasetCheckProgress(done, cases.Count));
            }

            return look;
        })];
    }

    private static CaseLook At(Case item, FileRecords files, GrayHistogram? grays)
    {
        List<DataFault> faults = [];
        GrayImage? pixels = null;
        BinaryMask? lesions = null;
        FileRecord? image = Known(item.ImagePath, path =>
        {
            pixels = item.ReadImage();
            return new FileRecord(DataDigest.From(File.ReadAllBytes(path)), pixels.Width, pixels.Height)
            { Hash = grays is null ? null : LeakReport.Hash(pixels) };
        });
        FileRecord? mask = item.MaskPath is null ? null : Known(item.MaskPath, path =>
        {
            lesions = item.ReadMask(out IReadOnlyList<int> values);
            return new FileRecord(DataDigest.From(File.ReadAllBytes(path)), lesions.Width, lesions.Height,
                LesionValues.Lesion(path, lesions, values, item.LesionLabel), lesions.Share)
            {
                Values = values.Count <= MostValuesListed ? string.Join(", ", values)
                    : $"more than {MostValuesListed}, up to {values[^1]}",
            };
        });
        if (image is not null && mask is not null && SampleReader.SizeFault(
            item, (image.Width, image.Height), (mask.Width, mask.Height)) is DataFault size)
            faults.Add(size);
        if (pixels is not null)
            grays?.Add(pixels, faults.Count == 0 ? lesions : null);
        return new CaseLook(item, image, mask, faults);

        FileRecord? Known(string path, Func<string, FileRecord> look)
        {
            try
            {
                return files.Get(path, look);
            }
            catch (Exception e) when (e is not OutOfMemoryException) // whatever a decoder throws, the file is the cause
            {
                faults.Add(ImageFile.FaultFrom(path, e));
                return null;
            }
        }
    }
}

/// <summary>How far a dataset check is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
