namespace C2FVL.Data;

/// <summary>
/// One drawn change of an image: first the 90-degree rotations, then rotation and scaling, then the flips. Image and
/// mask move together.
/// </summary>
/// <param name="Rotations90">Rotations by 90 degrees, counter-clockwise, 0 to 3.</param>
/// <param name="FlipsHorizontal">Whether left and right change places.</param>
/// <param name="FlipsVertical">Whether upper and lower change places.</param>
/// <param name="Degrees">The rotation about the image's centre, counter-clockwise.</param>
/// <param name="Scale">How many pixels of the source a pixel spans: above 1 the content shrinks.</param>
/// <param name="IsNnUNets">
/// Whether it is done as nnU-Net does: what comes from outside the image is the image's mean, which normalisation
/// brings near the 0 of nnU-Net's own padding, and a mask is interpolated too: lesion is where at least half of a pixel
/// is. Otherwise what comes from outside is 0, and a mask takes the nearest pixel.
/// </param>
public sealed record AugmentationMove(int Rotations90 = 0, bool FlipsHorizontal = false, bool FlipsVertical = false,
    double Degrees = 0, double Scale = 1, bool IsNnUNets = false)
{
    /// <summary>The largest rotation that leaves a report as it is, in degrees.</summary>
    public const int LargestRotation = 20;

    /// <summary>Whether a zone of the image is a zone again after the move (about, for a rotation).</summary>
    public bool KeepsZones => Rotations90 % 2 == 0 && Math.Abs(Degrees) <= LargestRotation;

    /// <summary>
    /// Draws a move; always the same few numbers from <paramref name="random"/> for the same state of it. nnU-Net's
    /// (second version) are a rotation by any angle and a scaling by 0.7 to 1.4, each with a chance of 0.2, and a flip
    /// along each axis with a chance of 0.5.
    /// </summary>
    public static AugmentationMove Draw(Augmentation augmentation, Random random)
    {
        const double Chance = 0.2;
        if (augmentation == Augmentation.None)
            return new AugmentationMove();
        if (augmentation == Augmentation.NnUNet)
        {
            bool rotates = random.NextDouble() < Chance;
            double degrees = (random.NextDouble() * 360) - 180;
            bool scales = random.NextDouble() < Chance;
            double scale = 0.7 + (random.NextDouble() * 0.7);
            return new AugmentationMove(0, random.Next(2) == 0, random.Next(2) == 0, rotates ? degrees : 0,
                scales ? scale : 1, IsNnUNets: true);
        }

        if (random.Next(2) == 0)
        {
            int turns = augmentation == Augmentation.TextBlind ? random.Next(4) : 2 * random.Next(2);
            bool upsideDown = random.Next(2) == 0;
            return new AugmentationMove(turns, FlipsHorizontal: !upsideDown, FlipsVertical: upsideDown);
        }

        return random.Next(2) == 0 ? new AugmentationMove(Degrees: random.Next(-LargestRotation, LargestRotation))
            : new AugmentationMove();
    }

    /// <summary>The moved image, interpolated linearly.</summary>
    public GrayImage Apply(GrayImage image) => Moved(image, outside: IsNnUNets ? image.Pixels.Average() : 0);

    /// <summary>The moved mask.</summary>
    public BinaryMask Apply(BinaryMask mask) => !IsNnUNets ? Moved(mask, outside: default)
        : new BinaryMask(mask.Width, mask.Height, Array.ConvertAll(
            Moved(mask.ToImage(), outside: 0).Pixels, p => p >= 0.5f ? (byte)1 : (byte)0));

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

    private TPicture Moved<TPicture, T>(Picture<TPicture, T> picture, T outside) where TPicture : Picture<TPicture, T>
        where T : struct
    {
        picture = Rotations90 % 4 != 0 ? picture.Rotate90(Rotations90) : picture;
        picture = Degrees != 0 || Scale != 1 ? picture.Rotate(Degrees, Scale, outside) : picture;
        picture = FlipsHorizontal ? picture.FlipHorizontal() : picture;
        return FlipsVertical ? picture.FlipVertical() : (TPicture)picture;
    }
}
