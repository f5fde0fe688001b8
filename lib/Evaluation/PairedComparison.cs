using C2FVL.Data;
using C2FVL.Platform;
using MathNet.Numerics.Statistics;

namespace C2FVL.Evaluation;

/// <summary>
/// Two methods on the same cases. Differences are other minus reference: positive if the other method is better.
/// </summary>
/// <param name="Cases">The number of images.</param>
/// <param name="Patients">The number of patients; an image of an unknown patient counts as one.</param>
/// <param name="MeanDiceDifference">The difference of the mean Dice over images, -1 to 1, with its interval by
/// <see cref="PatientBootstrap"/>.</param>
/// <param name="PooledDiceDifference">The difference of the pooled Dice, -1 to 1, with its interval.</param>
/// <param name="PValue">
/// The two-sided p value of the mean Dice difference by <see cref="SignFlipTest"/>. The unit is the patient: all
/// images of a patient change sign together, and each image counts once. So it tests
/// <paramref name="MeanDiceDifference"/> itself and does not treat images of one patient as independent. It holds for
/// these trained networks and says nothing of training them again. It is not
/// corrected for several comparisons; see <see cref="HolmCorrection"/>.
/// </param>
/// <param name="CohensDz">
/// The effect size, Cohen's d_z over patients: the mean of the patients' mean Dice differences divided by their
/// standard deviation. 0 if no patient differs, infinite if all differ by the same, NaN for a single patient.
/// </param>
public sealed record PairedComparison(
    int Cases, int Patients, Estimate MeanDiceDifference, Estimate PooledDiceDifference, double PValue, double CohensDz)
{
    /// <summary>Compares two methods.</summary>
    /// <param name="reference">The method that is compared against, such as C2FVL.</param>
    /// <param name="other">The other method on the same cases, in any order.</param>
    /// <exception cref="ArgumentException">The two do not have the same cases, masks or patients; the message names the
    /// first ones.</exception>
    public static PairedComparison Of(
        IReadOnlyCollection<CaseScore> reference, IReadOnlyCollection<CaseScore> other) => OfRuns([reference], [other]);

    /// <summary>
    /// Compares two methods over several runs each, such as one a seed: the first run of one with the first of the
    /// other, and so on. A patient's differences in all runs change sign and are drawn together, so more runs steady
    /// the estimate and do not pass for more patients.
    /// </summary>
    /// <param name="reference">The runs of the method that is compared against, at least one, all on the same
    /// cases.</param>
    /// <param name="other">As many runs of the other method.</param>
    /// <exception cref="ArgumentException">There is no run, one method has more than the other, or two runs have not
    /// the same cases.</exception>
    public static PairedComparison OfRuns(
        IReadOnlyList<IReadOnlyCollection<CaseScore>> reference, IReadOnlyList<IReadOnlyCollection<CaseScore>> other)
    {
        if (reference.Count == 0 || reference.Count != other.Count)
            throw new ArgumentException(
                $"The reference has {reference.Count} runs and the other method {other.Count}. Compare the same number "
                    + "of runs of both, at least one.");
        foreach (IReadOnlyCollection<CaseScore> further in reference.Skip(1))
            Match(reference[0], further);
        (CaseScore Reference, CaseScore Other)[][] runs = [.. reference.Zip(other, Match)];
        double[][] patients = PatientBootstrap.SumsByPatient(
            runs.SelectMany(pairs => pairs), pair => pair.Reference.Group, Values);
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(patients, Statistics);
        return new PairedComparison(
            runs[0].Length, patients.Length, estimates[0], estimates[1],
            SignFlipTest.PValue([.. patients.Select(sums => sums[1])]),
            StandardisedMean([.. patients.Select(sums => sums[1] / sums[0])]));
    }

    private static double[] Values((CaseScore Reference, CaseScore Other) pair) =>
        [
            1, pair.Other.Dice - pair.Reference.Dice, pair.Reference.Truth,
            pair.Reference.Intersection, pair.Reference.Predicted, pair.Other.Intersection, pair.Other.Predicted,
        ];

    private static double[] Statistics(double[] sums)
    {
        long truth = (long)sums[2];
        var reference = new Overlap((long)sums[3], (long)sums[4], truth);
        var other = new Overlap((long)sums[5], (long)sums[6], truth);
        return [sums[1] / sums[0], other.Dice - reference.Dice];
    }

    private static double StandardisedMean(double[] differences)
    {
        (double mean, double deviation) = differences.MeanStandardDeviation();
        return mean == 0 && deviation == 0 ? 0 : mean / deviation;
    }

    private static (CaseScore Reference, CaseScore Other)[] Match(
        IReadOnlyCollection<CaseScore> reference, IReadOnlyCollection<CaseScore> other)
    {
        Dictionary<string, CaseScore> references = ById(reference, "reference"), others = ById(other, "other");
        RefuseMissing(references.Keys.Except(others.Keys), "other", "reference");
        RefuseMissing(others.Keys.Except(references.Keys), "reference", "other");
        return [.. references.Keys.Order(StringComparer.Ordinal).Select(id => Match(references[id], others[id]))];
    }

    private static (CaseScore Reference, CaseScore Other) Match(CaseScore a, CaseScore b)
    {
        if (a.Pixels != b.Pixels || a.Truth != b.Truth)
            throw new ArgumentException(
                $"Case {a.CaseId} has a mask of {a.Truth} in {a.Pixels} pixels in the reference scores and of "
                    + $"{b.Truth} in {b.Pixels} in the other. Score both at one size with one mask rule.");
        return a.Group == b.Group ? (a, b) : throw new ArgumentException(
            $"Case {a.CaseId} belongs to patient {a.Group} in the reference scores and to {b.Group} in the other. "
                + "Score both on one data set.");
    }

    private static Dictionary<string, CaseScore> ById(IReadOnlyCollection<CaseScore> scores, string name) =>
        scores.CountBy(score => score.CaseId).FirstOrDefault(same => same.Value > 1).Key is string repeated
            ? throw new ArgumentException(
                $"Case {repeated} appears more than once in the {name} scores. Compare one run with one run.")
            : scores.ToDictionary(score => score.CaseId);

    private static void RefuseMissing(IEnumerable<string> missing, string lacking, string having)
    {
        string[] ids = [.. missing.Order(StringComparer.Ordinal)];
        if (ids.Length == 0)
            return;
        string named = string.Join(", ", ids.Take(5)) + (ids.Length > 5 ? ", ..." : "");
        throw new ArgumentException(
            $"The {lacking} scores lack {ids.Length} of the {having} scores' cases: {named}. Score both on the same "
                + "cases.");
    }
}

/// <summary>
/// The step-down correction for several tests (Holm 1979). It holds the chance of any false finding at the chosen
/// level, whatever the tests' dependence.
/// </summary>
public static class HolmCorrection
{
    /// <summary>
    /// Adjusted p values: the k-th smallest of m, counted from 1, becomes the largest of (m - j + 1) p_(j) over j up to
    /// k, at most 1.
    /// </summary>
    /// <param name="pValues">Each 0 to 1, in any order.</param>
    /// <returns>In the order given; compare each with the level itself.</returns>
    /// <exception cref="ArgumentException">A value is not from 0 to 1.</exception>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        if (pValues.Where(p => p is not (>= 0 and <= 1)).ToArray() is [double wrong, ..])
            throw new ArgumentException(FormattableString.Invariant($"A p value must be from 0 to 1, not {wrong}."));
        var adjusted = new double[pValues.Count];
        double largest = 0;
        int left = pValues.Count;
        foreach (int index in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            largest = Math.Max(largest, Math.Min(1, left-- * pValues[index]));
            adjusted[index] = largest;
        }

        return adjusted;
    }
}

/// <summary>
/// The paired sign-flip permutation test (Fisher 1935, The Design of Experiments, section 21), two-sided: if two
/// methods are exchangeable within each unit, each unit's difference is as likely to have the other sign.
/// </summary>
/// <remarks>
/// It is preferred to Wilcoxon's signed ranks because it tests the sum that is reported, not ranks, and stays exact
/// with the zeros and ties that equal predictions give. MathNet.Numerics has neither of the two.
/// </remarks>
public static class SignFlipTest
{
    /// <summary>Up to this many units all sign patterns are counted; above, they are drawn.</summary>
    public const int LargestEnumeration = 16;

    /// <summary>The number of drawn sign patterns; the smallest p value is 1 / 20,000.</summary>
    public const int Draws = 19_999;

    /// <summary>The p value of the sum of the differences, in (0, 1].</summary>
    /// <param name="differences">A difference a unit.</param>
    /// <param name="seed">The seed of the drawn patterns. The data's own pattern is added to them, so p is never 0
    /// (Phipson and Smyth 2010).</param>
    public static double PValue(IReadOnlyList<double> differences, int seed = 0)
    {
        // A zero has no sign to flip, and leaving it out leaves more patterns that can be counted in full.
        double[] units = [.. differences.Where(difference => difference != 0)];
        // Patterns equal to the data's in exact arithmetic count as equal whatever the order of rounding.
        double observed = Math.Abs(units.Sum()) - (1e-12 * units.Sum(Math.Abs));
        bool all = units.Length <= LargestEnumeration;
        int patterns = all ? 1 << units.Length : Draws, asLarge = all ? 0 : 1;
        Random random = Seeds.Random(seed, "sign-flip");
        var signs = new byte[(units.Length + 7) / 8];
        // Both signs of each unit side by side: picking one by its random bit costs no mispredicted branch.
        double[] bothSigns = [.. units.SelectMany(unit => new[] { unit, -unit })];
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            if (all)
                signs = BitConverter.GetBytes(pattern);
            else
                random.NextBytes(signs);
            double sum = 0;
            for (int i = 0; i < units.Length; i++)
                sum += bothSigns[(2 * i) + ((signs[i >> 3] >> (i & 7)) & 1)];
            if (Math.Abs(sum) >= observed)
                asLarge++;
        }

        return asLarge / (all ? patterns : Draws + 1.0);
    }
}
