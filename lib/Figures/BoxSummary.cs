using MathNet.Numerics.Statistics;

namespace C2FVL.Figures;

/// <summary>Tukey's five numbers and the values beyond the whiskers; quartiles as the R-8 rule has them.</summary>
internal sealed record BoxSummary(double WhiskerLow, double Lower, double Median, double Upper, double WhiskerHigh, double[] Beyond)
{
    public static BoxSummary Of(IReadOnlyList<double> values)
    {
        double lower = values.LowerQuartile();
        double upper = values.UpperQuartile();
        double reach = 1.5 * (upper - lower);
        double[] within = [.. values.Where(v => v >= lower - reach && v <= upper + reach)];
        return new(
            Math.Min(within.Min(), lower),
            lower,
            values.Median(),
            upper,
            Math.Max(within.Max(), upper),
            [.. values.Where(v => v < lower - reach || v > upper + reach)]);
    }
}
