namespace C2FVL.Data;

/// <summary>One drawn change of an image: first the 90-degree rotations, then the flips, then the rotation.</summary>
/// <param name="Rotations90">Rotations by 90 degrees, counter-clockwise, 0 to 3.</param>
/// <param name="FlipsHorizontal">Whether left and right change places.</param>
/// <param name="FlipsVertical">Whether upper and lower change places.</param>
/// <param name="Degrees">The rotation about the image's centre, counter-clockwise.</param>
public sealed record AugmentationMove(
    int Rotations90 = 0, bool FlipsHorizontal = false, bool FlipsVertical = false, double Degrees = 0)
{
    /// <summary>The largest rotation that leaves a report as it is, in degrees.</summary>
    public const int LargestRotation = 20;

    /// <summary>Whether a zone of the image is a zone again after the move (about, for a rotation).</summary>
    public bool KeepsZones => Rotations90 % 2 == 0 && Math.Abs(Degrees) <= LargestRotation;

    /// <summary>
    /// Draws a move; always the same few numbers from <paramref name="random"/> for the same state of it.
    /// </summary>
    public static AugmentationMove Draw(Augmentation augmentation, Random random)
    {
        if (augmentation == Augmentation.None)
            return new AugmentationMove();
        if (augmentation == Augmentation.NnUNet)
            throw new ArgumentException(
                "nnU-Net's rotations and scalings are not among these moves. Apply the augmentation to a case "
                    + "instead.");
        if (random.Next(2) == 0)
        {
            int turns = augmentation == Augmentation.TextBlind ? random.Next(4) : 2 * random.Next(2);
            bool upsideDown = random.Next(2) == 0;
            return new AugmentationMove(turns, FlipsHorizontal: !upsideDown, FlipsVertical: upsideDown);
        }

        return random.Next(2) == 0 ? new AugmentationMove(Degrees: random.Next(-LargestRotation, LargestRotation))
            : new AugmentationMove();
    }

    /// <summary>
    /// The moved image or mask; a rotation interpolates linearly in an image and takes the nearest pixel in a mask, and
    /// what comes from outside is 0.
    /// </summary>
    public TPicture Apply<TPicture, T>(Picture<TPicture, T> picture) where TPicture : Picture<TPicture, T>
        where T : struct
    {
        picture = Rotations90 % 4 != 0 ? picture.Rotate90(Rotations90) : picture;
        picture = FlipsHorizontal ? picture.FlipHorizontal() : picture;
        picture = FlipsVertical ? picture.FlipVertical() : picture;
        return Degrees == 0 ? (TPicture)picture : picture.Rotate(Degrees);
    }

    /// <summary>The report of the moved image.</summary>
    /// <exception cref="InvalidOperationException">The move does not keep zones (<see cref="KeepsZones"/>).</exception>
    public LesionReport Apply(LesionReport report)
    {
        if (!KeepsZones)
            throw new InvalidOperationException(
                $"No report is true after {this}: left and right are no longer sides of the image. Draw the move with "
                    + $"{Augmentation.TextConsistent}, or leave the report as it is.");

        bool halfTurn = Rotations90 % 4 != 0;
        report = FlipsHorizontal != halfTurn ? report.FlipHorizontal() : report;
        return FlipsVertical != halfTurn ? report.FlipVertical() : report;
    }
}

/// <summary>
/// nnU-Net's change of shape (second version): a rotation by any angle and a scaling, each with a chance of 0.2, and a
/// flip along each axis with a chance of 0.5. Image and mask move together.
/// </summary>
/// <param name="Degrees">The rotation about the image's centre, -180 to 180.</param>
/// <param name="Scale">How many pixels of the source a pixel spans, 0.7 to 1.4: above 1 the content shrinks.</param>
/// <param name="FlipsColumns">Whether left and right change places.</param>
/// <param name="FlipsRows">Whether top and bottom change places.</param>
internal sealed record NnUNetMove(double Degrees, double Scale, bool FlipsColumns, bool FlipsRows)
{
    private const double Chance = 0.2;

    /// <summary>Draws a move; always the same six numbers from <paramref name="random"/>.</summary>
    public static NnUNetMove Draw(Random random)
    {
        bool rotates = random.NextDouble() < Chance;
        double degrees = (random.NextDouble() * 360) - 180;
        bool scales = random.NextDouble() < Chance;
        double scale = 0.7 + (random.NextDouble() * 0.7);
        return new NnUNetMove(rotates ? degrees : 0, scales ? scale : 1, random.Next(2) == 0, random.Next(2) == 0);
    }

    /// <summary>
    /// The moved image, interpolated linearly; what comes from outside is the image's mean, which nnU-Net's
    /// normalisation makes the 0 that its own padding has.
    /// </summary>
    public GrayImage Apply(GrayImage image) => Apply(image, outside: image.Pixels.Average());

    /// <summary>
    /// The moved mask: lesion where at least half of the interpolated pixel is; outside there is none.
    /// </summary>
    public BinaryMask Apply(BinaryMask mask)
    {
        var shares = new GrayImage(mask.Width, mask.Height, Array.ConvertAll(mask.Pixels, p => (float)p));
        float[] moved = Apply(shares, outside: 0).Pixels;
        return new BinaryMask(mask.Width, mask.Height, Array.ConvertAll(moved, p => p >= 0.5f ? (byte)1 : (byte)0));
    }

    private GrayImage Apply(GrayImage image, float outside)
    {
        GrayImage moved = image.Rotate(Degrees, Scale, outside);
        moved = FlipsColumns ? moved.FlipHorizontal() : moved;
        return FlipsRows ? moved.FlipVertical() : moved;
    }
}
