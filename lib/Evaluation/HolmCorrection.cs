namespace C2FVL.Evaluation;

/// <summary>
/// The step-down correction for several tests (Holm 1979). It holds the chance of any false finding at the chosen level,
/// whatever the tests' dependence.
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
        foreach (double p in pValues)
        {
            if (!(p >= 0 && p <= 1))
                throw new ArgumentException(FormattableString.Invariant($"A p value is from 0 to 1, not {p}."));
        }

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
