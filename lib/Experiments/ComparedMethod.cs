using C2FVL.Evaluation;

namespace C2FVL.Experiments;

/// <summary>One system in a <see cref="Comparison"/>.</summary>
/// <param name="Name">As in the paper's Table 1.</param>
/// <param name="Runs">Its runs by seed, equal in all else; at least one.</param>
public sealed record ComparedMethod(string Name, IReadOnlyList<Run> Runs)
{
    /// <summary>
    /// What its runs have that today's preset has not, such as "Augmentation=None": the mark of an earlier form of the
    /// method; empty for the preset. Seed and machine do not count.
    /// </summary>
    public string EarlierForm { get; } = SpecDifference.InMethod(Runs[0].Spec);

    /// <summary>Trainable parameters; null of a network that is not built any more.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Whether it takes the report; null of a network that is not built any more.</summary>
    public required bool? UsesText { get; init; }

    /// <summary>Its scores over the test cases of all runs together.</summary>
    public required ScoreSummary Scores { get; init; }

    /// <summary>The mean Dice of each run, 0 to 1, over the seeds.</summary>
    public SeedSummary MeanDiceOverSeeds => SeedSummary.Of([.. this.Runs.Select(run => run.Cases.Average(score => score.Dice))]);

    /// <summary>How far it is from the reference on the same cases, over the seeds that both have; null for the reference itself and where there is no such run of it.</summary>
    public PairedComparison? Difference { get; init; }

    /// <summary>The difference's p value, corrected by <see cref="HolmCorrection"/> for all methods of the comparison; NaN without a difference.</summary>
    public double CorrectedP { get; init; } = double.NaN;

    /// <summary>What a run took on the average; null where it is unknown of one.</summary>
    public TimeSpan? WallTime => this.Runs.All(run => run.WallTime is not null) ? TimeSpan.FromSeconds(this.Runs.Average(run => run.WallTime!.Value.TotalSeconds)) : null;

    /// <summary>See <see cref="Run.ImagesPerSecond"/>; of several runs the mean.</summary>
    public double ImagesPerSecond => this.Runs.Average(run => run.ImagesPerSecond);
}
