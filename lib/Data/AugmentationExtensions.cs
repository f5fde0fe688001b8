using C2FVL.Platform;

namespace C2FVL.Data;

/// <summary>Applies the choice of augmentation to a case.</summary>
public static class AugmentationExtensions
{
    /// <summary>
    /// The case after the move that the seed and path draw; image and mask move together, the report as
    /// <see cref="Augmentation"/> says. The given sample is left as it is. A picture that is not square changes its
    /// shape under one or three quarter turns.
    /// </summary>
    /// <param name="augmentation">What is drawn and whether the report moves.</param>
    /// <param name="sample">The decoded case, at the network's size.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="path">What the numbers are for, such as "augment", the epoch and the case's id.</param>
    public static Sample Apply(this Augmentation augmentation, Sample sample, int seed, params ReadOnlySpan<object> path)
    {
        if (augmentation == Augmentation.None)
            return sample;

        if (augmentation == Augmentation.NnUNet)
        {
            NnUNetMove warp = NnUNetMove.Draw(Seeds.Random(seed, path));
            return sample with { Image = warp.Apply(sample.Image), Mask = warp.Apply(sample.Mask) };
        }

        AugmentationMove move = AugmentationMove.Draw(augmentation, Seeds.Random(seed, path));
        bool reportMoves = augmentation == Augmentation.TextConsistent && sample.Report is not null;
        return sample with
        {
            Image = move.Apply(sample.Image),
            Mask = move.Apply(sample.Mask),
            Report = reportMoves ? move.Apply(sample.Report!) : sample.Report,
        };
    }
}
