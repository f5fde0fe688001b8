using C2FVL.Platform;

namespace C2FVL.Data;

/// <summary>
/// How training images are varied. The moves are the authors': half of the cases get quarter turns and then a
/// flip along a random axis, a quarter get a rotation by whole degrees from -20 to 19, a quarter stay as they are.
/// A rotated image is interpolated linearly; the authors' takes the nearest pixel. The choices differ in what becomes
/// of the report.
/// </summary>
public enum Augmentation
{
    /// <summary>Every case stays as it is.</summary>
    None,

    /// <summary>
    /// The default: the report moves with the image, so that it is always true. A flip from left to right swaps
    /// left and right in the report, a flip upside down swaps upper and lower, half a turn does both. One or three
    /// quarter turns lay the lungs on top of each other, where no zone word is true any more; reading new words off
    /// the mask would not help, because "left" would then name a half of both lungs. So those two are not drawn,
    /// and half a turn takes their place. A rotation by up to 20 degrees keeps the report: an approximation, for a
    /// lesion close to the border of a zone may cross it, and one in a corner may leave the image.
    /// </summary>
    TextConsistent,

    /// <summary>
    /// As the authors' released code: all four quarter turns are drawn and the report stays, so that "left" goes on
    /// saying left on a flipped image.
    /// </summary>
    TextBlind,

    /// <summary>
    /// nnU-Net's changes of shape: rotations by any angle, scalings and flips along both axes; the report stays, which
    /// nnU-Net does not read. Its changes of intensity are in its model.
    /// </summary>
    NnUNet,
}

/// <summary>Applies the choice of augmentation to a case.</summary>
public static class AugmentationExtensions
{
    /// <summary>
    /// The case after the move that the seed and path draw; image and mask move together, the report as
    /// <see cref="Augmentation"/> says. The given sample is left as it is. An image that is not square changes its
    /// shape under one or three quarter turns.
    /// </summary>
    /// <param name="augmentation">What is drawn and whether the report moves.</param>
    /// <param name="sample">The decoded case, at the network's size.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="path">What the numbers are for, such as "augment", the epoch and the case's id.</param>
    public static Sample Apply(
        this Augmentation augmentation, Sample sample, int seed, params ReadOnlySpan<object> path)
    {
        if (augmentation == Augmentation.None)
            return sample;
        AugmentationMove move = AugmentationMove.Draw(augmentation, Seeds.Random(seed, path));
        LesionReport? report = augmentation == Augmentation.TextConsistent && sample.Report is not null
            ? move.Apply(sample.Report) : sample.Report;
        return new Sample(sample.Case, move.Apply(sample.Image), move.Apply(sample.Mask), report);
    }
}
