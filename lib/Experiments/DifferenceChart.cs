using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>How far each run of a list is from one of them, case by case.</summary>
public static class DifferenceChart
{
    private const double Level = 0.05;

    /// <summary>
    /// Differences of the mean Dice in points with 95 % intervals, from <see cref="PairedComparison"/>. A star
    /// marks those whose p value, corrected for their number by <see cref="HolmCorrection"/>, is below 0.05. Rows
    /// without a run here are left out. Where the runs were made in different ways, the subtitle says so.
    /// </summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="rows">The experiments; the reference among them is left out.</param>
    /// <param name="reference">The run that the others are compared with.</param>
    /// <param name="name">What the reference is called.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public static Chart Create(
        string title, IEnumerable<ExperimentRow> rows, Run reference, string name, RunStore store)
    {
        var pairs = rows.Where(row => row.Spec.Portable.ToJson() != reference.Spec.Portable.ToJson())
            .Select(row => (Row: row, Run: store.Find(row.Spec)))
            .Where(found => found.Run is not null)
            .Select(found => (found.Row, Run: found.Run!,
                Comparison: PairedComparison.Of(reference.Cases, found.Run!.Cases)))
            .ToList();
        IReadOnlyList<double> p = HolmCorrection.Adjust([.. pairs.Select(pair => pair.Comparison.PValue)]);
        string mixture = Provenance.Mixture([reference, .. pairs.Select(pair => pair.Run)]);
        return new Chart(title)
        {
            Subtitle =
                $"{reference.Spec.Caption()}; one run per row; 95 % intervals "
                    + $"{PatientBootstrap.Over(reference.Cases)}; * p < 0.05, Holm over {pairs.Count}"
                    + (mixture.Length > 0 ? "." + mixture : ""),
            X = new Axis($"mean Dice minus that of {name}, points"),
            Y = new Axis { Categories = [.. pairs.Select((pair, i) => pair.Row.Name + (p[i] < Level ? " *" : ""))] },
            Series = [
                Series.Interval("difference", pairs.Select(pair => pair.Comparison.MeanDiceDifference.Percent)) with
                { ValueFormat = "+0.0;-0.0;0.0" }],
            Lines = [new ReferenceLine(0, "", Vertical: true)],
            Height = 150 + (38 * pairs.Count),
        };
    }
}
