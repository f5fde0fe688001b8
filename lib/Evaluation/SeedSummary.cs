using MathNet.Numerics.Statistics;

namespace C2FVL.Evaluation;

/// <summary>
/// One score over runs that differ in their seed alone, such as the mean Dice of each. It tells how much training varies;
/// an interval by <see cref="PatientBootstrap"/> tells how much the choice of patients does.
/// </summary>
/// <param name="Runs">The number of runs.</param>
/// <param name="Mean">The mean over the runs.</param>
/// <param name="StandardDeviation">The sample's, with Runs - 1 below the line; NaN for a single run.</param>
public sealed record SeedSummary(int Runs, double Mean, double StandardDeviation)
{
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static SeedSummary Of(IReadOnlyCollection<double> runs)
    {
        if (runs.Count == 0)
            throw new ArgumentException("No run was given, so there is nothing to summarise.");
        (double mean, double deviation) = runs.MeanStandardDeviation();
        return new SeedSummary(runs.Count, mean, deviation);
    }

    /// <summary>A score from 0 to 1 in percent, such as "74.8 ± 0.4 (3 runs)"; for a single run the value alone.</summary>
    public string ToPercent() => this.Runs == 1
        ? FormattableString.Invariant($"{100 * this.Mean:0.0}")
        : FormattableString.Invariant($"{100 * this.Mean:0.0} ± {100 * this.StandardDeviation:0.0} ({this.Runs} runs)");

    /// <summary>Such as "0.748 ± 0.004 (3 runs)"; for a single run the value alone.</summary>
    public override string ToString() => this.Runs == 1
        ? FormattableString.Invariant($"{this.Mean:0.000}")
        : FormattableString.Invariant($"{this.Mean:0.000} ± {this.StandardDeviation:0.000} ({this.Runs} runs)");
}
