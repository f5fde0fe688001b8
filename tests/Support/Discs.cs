using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Tests.Support;

/// <summary>Pictures with a bright disc that is the lesion: the least task a network can learn, without files.</summary>
public static class Discs
{
    /// <summary>Batches of 4 pictures, or as many as said, of 32 x 32.</summary>
    public static BatchSource Batches(int count, int seed, bool training = true, int batch = 4) => new(
        [.. Enumerable.Range(0, count).Select(i => new Case($"disc{i}", $"disc{i}.png", null, Report, null, ImageKind.XRay))],
        c => Draw(c, seed),
        new BatchSettings
        {
            BatchSize = batch,
            Seed = seed,
            Shuffle = training,
            Augmentation = training ? Augmentation.TextConsistent : Augmentation.None,
        });

    private static readonly LesionReport Report = new(false, 1, Zones.LeftMiddle);

    private static Sample Draw(Case item, int seed)
    {
        const int Size = 32;
        Random random = Seeds.Random(seed, "disc", item.Id);
        int row = random.Next(10, 22), column = random.Next(10, 22), radius = random.Next(4, 9);
        var image = new GrayImage(Size, Size);
        var mask = new BinaryMask(Size, Size);
        for (int r = 0; r < Size; r++)
        {
            for (int c = 0; c < Size; c++)
            {
                mask[r, c] = ((r - row) * (r - row)) + ((c - column) * (c - column)) <= radius * radius;
                image[r, c] = (mask[r, c] ? 0.7f : 0.3f) + (0.1f * random.NextSingle());
            }
        }

        return new Sample(item, image, mask, item.Report);
    }
}
