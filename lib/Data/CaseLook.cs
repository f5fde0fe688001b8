using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace C2FVL.Data;

/// <summary>What one look at a case's files tells.</summary>
/// <param name="Case">The case.</param>
/// <param name="Image">Its image; null where it cannot be read.</param>
/// <param name="Mask">Its mask; null where it has none or it cannot be read.</param>
/// <param name="Faults">What is wrong with its files.</param>
public sealed record CaseLook(Case Case, FileRecord? Image, FileRecord? Mask, IReadOnlyList<DataFault> Faults)
{
    private const int MostValuesListed = 8;

    /// <summary>Opens every file of the cases once, on all cores; a bad file stops nothing.</summary>
    /// <param name="cases">The cases, whose order is kept.</param>
    /// <param name="progress">Told about every half percent, from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="grays">Counts the pixels of the images; null for no count.</param>
    /// <param name="forGate">Whether what this process knows of the files will do. Images are then told apart by their
    /// bytes and not by their pixels.</param>
    public static IReadOnlyList<CaseLook> All(IReadOnlyList<Case> cases,
        IProgress<DatasetCheckProgress>? progress = null, CancellationToken cancellation = default,
        GrayHistogram? grays = null, bool forGate = false)
    {
        var gate = new Lock();
        int done = 0, step = Math.Max(1, cases.Count / 200);
        return [.. cases.AsParallel().AsOrdered().WithCancellation(cancellation).Select(item =>
        {
            CaseLook look = At(item, forGate, grays);
            lock (gate)
            {
                if (++done % step == 0 || done == cases.Count)
                    progress?.Report(new DatasetCheckProgress(done, cases.Count));
            }

            return look;
        })];
    }

    /// <summary>
    /// A hash of the decoded pixels and the size, so that a copy in another file format is found too.
    /// </summary>
    internal static string Hash(GrayImage image) => Convert.ToHexString(SHA256.HashData(
        MemoryMarshal.AsBytes<float>([image.Width, image.Height, .. image.Pixels])));

    private static CaseLook At(Case item, bool forGate, GrayHistogram? grays)
    {
        List<DataFault> faults = [];
        GrayImage? pixels = null;
        BinaryMask? lesions = null;
        FileRecord? image = Look(item.ImagePath, bytes =>
        {
            pixels = ImageFile.Read(item.ImagePath, bytes).Upright(item.Orientation);
            return new FileRecord(DataDigest.From(bytes), pixels.Width, pixels.Height,
                Hash: forGate ? null : Hash(pixels));
        });
        FileRecord? mask = item.MaskPath is not string maskPath ? null : Look(maskPath, bytes =>
        {
            lesions = ImageFile.ReadMask(maskPath, bytes, item.LesionLabel, out IReadOnlyList<int> values)
                .Upright(item.Orientation);
            return new FileRecord(DataDigest.From(bytes), lesions.Width, lesions.Height,
                LesionValues.Lesion(maskPath, lesions, values, item.LesionLabel), lesions.Share,
                values.Count <= MostValuesListed ? string.Join(", ", values)
                    : $"more than {MostValuesListed}, up to {values[^1]}");
        });
        if (image is not null && mask is not null && SampleReader.SizeFault(
            item, (image.Width, image.Height), (mask.Width, mask.Height)) is DataFault size)
            faults.Add(size);
        if (pixels is not null)
            grays?.Add(pixels, faults.Count == 0 ? lesions : null);
        return new CaseLook(item, image, mask, faults);

        FileRecord? Look(string path, Func<byte[], FileRecord> read)
        {
            try
            {
                return forGate
                    ? FileRecords.Get(path, $"{item.Orientation} {item.LesionLabel} {path == item.MaskPath}", Read)
                    : Read();
            }
            catch (Exception e) when (e is not OutOfMemoryException) // whatever a decoder throws, the file is the cause
            {
                faults.Add(ImageFile.FaultFrom(path, e));
                return null;
            }

            FileRecord Read() => read(ImageFile.ReadBytes(path));
        }
    }
}

/// <summary>What one look at an image or a mask tells.</summary>
/// <param name="Digest">Of its bytes.</param>
/// <param name="Width">In pixels, as the image is shown.</param>
/// <param name="Height">In pixels, as the image is shown.</param>
/// <param name="Lesion">
/// The one value that is lesion in a mask, 0 where the mask shows none, -1 where it has soft edges; null for an image,
/// and for a mask of one bit or in JPEG.
/// </param>
/// <param name="Share">The share of the image that is lesion in a mask; null for an image.</param>
/// <param name="Values">A mask's values in words; null for an image.</param>
/// <param name="Hash">An image's hash by its pixels, whatever its format; null for a mask and in the gate.</param>
public sealed record FileRecord(string Digest, int Width, int Height, int? Lesion = null, double? Share = null,
    string? Values = null, string? Hash = null);

/// <summary>How far a look at many cases is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
