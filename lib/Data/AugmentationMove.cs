namespace C2FVL.Data;

/// <summary>One drawn change of a picture: first the quarter turns, then the flips, then the rotation.</summary>
/// <param name="QuarterTurns">Quarter turns counter-clockwise, 0 to 3.</param>
/// <param name="MirrorsLeftRight">Whether left and right change places.</param>
/// <param name="FlipsUpperLower">Whether upper and lower change places.</param>
/// <param name="Degrees">The rotation about the picture's centre, counter-clockwise.</param>
public sealed record AugmentationMove(int QuarterTurns = 0, bool MirrorsLeftRight = false, bool FlipsUpperLower = false, double Degrees = 0)
{
    /// <summary>The largest rotation that leaves a report as it is, in degrees.</summary>
    public const int LargestRotation = 20;

    /// <summary>Whether a zone of the picture is a zone again after the move (about, for a rotation).</summary>
    public bool KeepsZones => QuarterTurns % 2 == 0 && Math.Abs(Degrees) <= LargestRotation;

    /// <summary>Draws a move; always the same few numbers from <paramref name="random"/> for the same state of it.</summary>
    public static AugmentationMove Draw(Augmentation augmentation, Random random)
    {
        if (augmentation == Augmentation.None)
            return new AugmentationMove();
        if (augmentation == Augmentation.NnUNet)
            throw new ArgumentException("nnU-Net's rotations and scalings are not among these moves. Apply the augmentation to a case instead.");

        if (random.Next(2) == 0)
        {
            int turns = augmentation == Augmentation.TextBlind ? random.Next(4) : 2 * random.Next(2);
            bool upsideDown = random.Next(2) == 0;
            return new AugmentationMove(turns, MirrorsLeftRight: !upsideDown, FlipsUpperLower: upsideDown);
        }

        return random.Next(2) == 0
            ? new AugmentationMove(Degrees: random.Next(-LargestRotation, LargestRotation))
            : new AugmentationMove();
    }

    /// <summary>The moved image; a rotation interpolates linearly, and what comes from outside is 0.</summary>
    public GrayImage Apply(GrayImage image)
    {
        if (QuarterTurns % 4 != 0)
            image = image.TurnQuarters(QuarterTurns);
        if (MirrorsLeftRight)
            image = image.MirrorLeftRight();
        if (FlipsUpperLower)
            image = image.FlipUpperLower();
        return Degrees == 0 ? image : image.Rotate(Degrees);
    }

    /// <summary>The moved mask; a rotation takes the nearest pixel, and what comes from outside is 0.</summary>
    public BinaryMask Apply(BinaryMask mask)
    {
        if (QuarterTurns % 4 != 0)
            mask = mask.TurnQuarters(QuarterTurns);
        if (MirrorsLeftRight)
            mask = mask.MirrorLeftRight();
        if (FlipsUpperLower)
            mask = mask.FlipUpperLower();
        return Degrees == 0 ? mask : mask.Rotate(Degrees);
    }

    /// <summary>The report of the moved picture.</summary>
    /// <exception cref="InvalidOperationException">The move does not keep zones (<see cref="KeepsZones"/>).</exception>
    public LesionReport Apply(LesionReport report)
    {
        if (!KeepsZones)
            throw new InvalidOperationException($"No report is true after {this}: left and right are no longer sides of the picture. Draw the move with {Augmentation.TextConsistent}, or leave the report as it is.");

        bool halfTurn = QuarterTurns % 4 != 0;
        if (MirrorsLeftRight != halfTurn)
            report = report.MirrorLeftRight();
        if (FlipsUpperLower != halfTurn)
            report = report.FlipUpperLower();
        return report;
    }
}
