using C2FVL.Platform;

namespace C2FVL.Evaluation;

/// <summary>
/// The paired sign-flip permutation test (Fisher 1935, The Design of Experiments, section 21), two-sided: if two methods
/// are exchangeable within each unit, each unit's difference is as likely to have the other sign.
/// </summary>
/// <remarks>
/// It is preferred to Wilcoxon's signed ranks because it tests the sum that is reported, not ranks, and stays exact with
/// the zeros and ties that equal predictions give. MathNet.Numerics has neither of the two.
/// </remarks>
public static class SignFlipTest
{
    /// <summary>Up to this many units all sign patterns are counted; above, they are drawn.</summary>
    public const int LargestEnumeration = 16;

    /// <summary>The default number of drawn sign patterns; the smallest p value is 1 / 20,000.</summary>
    public const int DefaultDraws = 19_999;

    /// <summary>The p value of the sum of the differences, in (0, 1].</summary>
    /// <param name="differences">A difference a unit.</param>
    /// <param name="seed">The seed of the drawn patterns.</param>
    /// <param name="draws">The number of drawn patterns where not all are counted, at least 1. The data's own pattern is added to them, so p is never 0 (Phipson and Smyth 2010).</param>
    public static double PValue(IReadOnlyList<double> differences, int seed, int draws = DefaultDraws)
    {
        if (draws < 1)
            throw new ArgumentException($"draws is {draws}; it must be at least 1.");
        // A zero has no sign to flip, and leaving it out leaves more patterns that can be counted in full.
        double[] units = [.. differences.Where(difference => difference != 0)];
        // Patterns equal to the data's in exact arithmetic count as equal whatever the order of rounding.
        double observed = Math.Abs(units.Sum()) - (1e-12 * units.Sum(Math.Abs));
        if (units.Length <= LargestEnumeration)
            return Enumerate(units, observed);

        Random random = Seeds.Random(seed, "sign-flip");
        var signs = new byte[(units.Length + 7) / 8];
        // Both signs of each unit side by side: picking one by its random bit costs no mispredicted branch.
        double[] bothSigns = [.. units.SelectMany(unit => new[] { unit, -unit })];
        int asLarge = 1;
        for (int draw = 0; draw < draws; draw++)
        {
            random.NextBytes(signs);
            double sum = 0;
            for (int i = 0; i < units.Length; i++)
                sum += bothSigns[(2 * i) + ((signs[i >> 3] >> (i & 7)) & 1)];
            if (Math.Abs(sum) >= observed)
                asLarge++;
        }

        return asLarge / (draws + 1.0);
    }

    private static double Enumerate(double[] units, double observed)
    {
        int patterns = 1 << units.Length;
        int asLarge = 0;
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            double sum = 0;
            for (int i = 0; i < units.Length; i++)
                sum += ((pattern >> i) & 1) == 0 ? units[i] : -units[i];
            if (Math.Abs(sum) >= observed)
                asLarge++;
        }

        return asLarge / (double)patterns;
    }
}
