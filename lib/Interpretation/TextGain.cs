using C2FVL.Data;
using C2FVL.Evaluation;

namespace C2FVL.Interpretation;

/// <summary>
/// The gain of a text over no text, and its share of the whole report's gain. All three networks or texts are scored on
/// the same cases. Intervals are by <see cref="PatientBootstrap"/>.
/// </summary>
/// <param name="Difference">Mean Dice with the text minus mean Dice without, -1 to 1.</param>
/// <param name="Share">
/// The difference divided by the whole report's: 1 if the text gains as much as the report, 0 if it gains nothing,
/// below 0 if it does harm. NaN if the report's own gain is not above 0 with 95 % confidence, because then a share has
/// no meaning.
/// </param>
public sealed record TextGain(Estimate Difference, Estimate Share)
{
    /// <summary>Compares scores of the same cases, in any order.</summary>
    /// <param name="without">Scores without text.</param>
    /// <param name="text">Scores with the text in question.</param>
    /// <param name="report">Scores with the whole report.</param>
    /// <exception cref="ArgumentException">The three do not have the same cases.</exception>
    public static TextGain Of(
        IReadOnlyCollection<CaseScore> without, IReadOnlyCollection<CaseScore> text,
        IReadOnlyCollection<CaseScore> report)
    {
        PairedComparison whole = PairedComparison.Of(without, report);
        PairedComparison part = PairedComparison.Of(without, text);
        if (!(whole.MeanDiceDifference.Low > 0))
            return new TextGain(part.MeanDiceDifference, new Estimate(double.NaN, double.NaN, double.NaN));

        Dictionary<string, double> texts = text.ToDictionary(score => score.CaseId, score => score.Dice);
        Dictionary<string, double> reports = report.ToDictionary(score => score.CaseId, score => score.Dice);
        double[][] patients = PatientBootstrap.SumsByPatient(
            without.OrderBy(score => score.CaseId, StringComparer.Ordinal), score => score.Group,
            score => [texts[score.CaseId] - score.Dice, reports[score.CaseId] - score.Dice]);
        Estimate share = PatientBootstrap.Estimate(patients, sums => [sums[0] / sums[1]])[0];
        return new TextGain(part.MeanDiceDifference, share);
    }
}
