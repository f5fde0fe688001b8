using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Models;

namespace C2FVL.Experiments;

/// <summary>
/// The paper's Figure 2 for one data set: one row per case, one column per method, and the pixels that a method found,
/// marked wrongly or missed.
/// </summary>
public static class ComparisonFigure
{
    /// <summary>
    /// Draws the case where C2FVL gains most over UNet, and C2FVL's best, median and worst case. Images without a
    /// lesion are left out.
    /// </summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="comparison">Runs with weights, C2FVL and UNet among them.</param>
    /// <param name="methods">The methods in the figure, in its order.</param>
    /// <exception cref="ArgumentException">A method has no run in the comparison; the message names it.</exception>
    /// <exception cref="FileNotFoundException">A run's weights are not here.</exception>
    public static PictureGrid Draw(string title, Comparison comparison, params string[] methods)
    {
        Run[] runs = [.. methods.Select(name => Find(comparison, name))];
        (string Why, string Id)[] cases = ChooseCases(Find(comparison, "UNet"), Find(comparison, "C2FVL"));
        RunSpec spec = runs[0].Spec;
        RunData data = runs[0].OpenData();
        Sample[] samples = [.. cases.Select(chosen => data.ReadSample(spec, chosen.Id))];
        Picture[][] columns = [[.. samples.Select(Annotated)], .. runs.Select(run => Column(run, samples))];
        return new PictureGrid(title)
        {
            Subtitle = spec.Scale.Caption() + "; cases chosen by C2FVL's Dice",
            Rows = [.. cases.Select((_, row) => columns.Select(column => column[row]).ToArray())],
            RowCaptions = [.. cases.Select(chosen => chosen.Why)],
            ColumnCaptions = ["image, lesion, report", .. methods],
            Legend = [.. Overlay.CompareLegend, .. Overlay.TruthLegend],
            TileWidth = 168,
        };
    }

    private static Picture Annotated(Sample sample) =>
        Picture.Of(sample.Image).WithOutline(sample.Mask, Palette.Truth) with
        { Caption = sample.Report?.ToSentence() ?? "no report" };

    private static Picture[] Column(Run run, Sample[] samples)
    {
        using SegmentationModel model = run.LoadModel();
        return [.. samples.Select(sample => RunFigures.Compared(model, sample, run.Spec.Model.ImageSize))];
    }

    private static (string Why, string Id)[] ChooseCases(Run plain, Run own)
    {
        Dictionary<string, double> before = plain.Cases.ToDictionary(c => c.CaseId, c => c.Dice);
        CaseScore[] ranked = own.Ranked;
        if (ranked.Length == 0)
            throw new ArgumentException($"{own.Spec.Name} has no test image with a lesion, so nothing can be drawn.");
        string gains = ranked.MaxBy(c => c.Dice - before[c.CaseId])!.CaseId;
        return [
            ("gains most over UNet", gains), ("best", ranked[0].CaseId), ("median", ranked[ranked.Length / 2].CaseId),
            ("worst", ranked[^1].CaseId)];
    }

    private static Run Find(Comparison comparison, string method) => comparison.Find(method)?.Runs[0]
        ?? throw new ArgumentException(
            $"{method} has no run in this comparison. Choose from "
                + $"{string.Join(", ", comparison.Methods.Select(m => m.Name))}.");
}

/// <summary>How far each run of a list is from one of them, case by case.</summary>
public static class DifferenceChart
{
    private const double Level = 0.05;

    /// <summary>
    /// Differences of the mean Dice in points with 95 % intervals, from <see cref="PairedComparison"/>. A star
    /// marks those whose p value, corrected for their number by <see cref="HolmCorrection"/>, is below 0.05. Rows
    /// without a run here are left out.
    /// </summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="rows">The experiments; the reference among them is left out.</param>
    /// <param name="reference">The run that the others are compared with.</param>
    /// <param name="name">What the reference is called.</param>
    /// <param name="store">Where the runs are looked for, tracked results included.</param>
    public static Chart Of(string title, IReadOnlyList<ExperimentRow> rows, Run reference, string name, RunStore store)
    {
        var pairs = rows.Where(row => row.Spec.Portable.ToJson() != reference.Spec.Portable.ToJson())
            .Select(row => (Row: row, Run: store.Find(row.Spec)))
            .Where(found => found.Run is not null)
            .Select(found => (found.Row, Comparison: PairedComparison.Of(reference.Cases, found.Run!.Cases)))
            .ToList();
        IReadOnlyList<double> p = HolmCorrection.Adjust([.. pairs.Select(pair => pair.Comparison.PValue)]);
        Estimate[] differences = [.. pairs.Select(pair => pair.Comparison.MeanDiceDifference)];
        return new Chart(title)
        {
            Subtitle =
                $"{reference.Spec.Caption()}; 95 % intervals {PatientBootstrap.Over(reference.Cases)}; * p < 0.05, "
                    + $"Holm over {pairs.Count}",
            X = new Axis($"mean Dice minus that of {name}, points"),
            Y = new Axis { Categories = [.. pairs.Select((pair, i) => pair.Row.Name + (p[i] < Level ? " *" : ""))] },
            Series = [EstimateSeries.Intervals("difference", differences) with { ValueFormat = "+0.0;-0.0;0.0" }],
            Lines = [new ReferenceLine(0, "", Vertical: true)],
            Height = 150 + (38 * pairs.Count),
        };
    }
}
