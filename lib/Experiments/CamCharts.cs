using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Experiments;

/// <summary>The measures of class activation maps as charts, with 95 % intervals over patients.</summary>
public static class CamCharts
{
    /// <summary>Energy and pointing game of each run, layer by layer.</summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="preset">The preset of the runs, for the subtitle.</param>
    /// <param name="measured">The runs' names and scores, all of the same cases.</param>
    public static ChartGrid CoarseToFine(
        string title, Scale preset, IReadOnlyList<(string Name, IReadOnlyList<CamScore> Scores)> measured)
    {
        (string Name, CamSummary Summary)[] runs = [.. measured.Select(run => (run.Name, CamSummary.Of(run.Scores)))];
        Chart Panel(string name, string unit, Func<CamSummary, IReadOnlyList<Estimate>> measure) => new(name)
        {
            X = new Axis { Categories = CamStudy.LayerNames(runs.Max(run => run.Summary.Energy.Count)) },
            Y = new Axis(unit) { Min = 0, Max = 104 },
            Series = [.. runs.Select(run => EstimateSeries.Bars(run.Name, measure(run.Summary)))],
        };

        return new ChartGrid(title)
        {
            Subtitle = $"{preset.Caption()}; 95 % intervals over patients",
            Panels =
            [
                Panel("Energy in the lesion (dashed: a uniform map)", "percent of the CAM", run => run.Energy) with
                { Lines = [new ReferenceLine(100 * runs[0].Summary.Uniform)] },
                Panel("Peak in the lesion (pointing game)", "percent of the cases", run => run.Pointing),
            ],
        };
    }

    /// <summary>The measures with the cosine loss minus those without it, case by case.</summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="preset">The preset of the runs, for the subtitle.</param>
    /// <param name="without">The scores of the run without the loss.</param>
    /// <param name="with">The scores of the run with it, of the same cases.</param>
    public static Chart CosineLossDifference(
        string title, Scale preset, IReadOnlyList<CamScore> without, IReadOnlyList<CamScore> with)
    {
        CamSummary difference = CamSummary.Difference(without, with);
        Estimate[] all = [.. difference.Energy, .. difference.Pointing, difference.Refinement, difference.Agreement];
        IReadOnlyList<string> layers = CamStudy.LayerNames(difference.Energy.Count);
        return new Chart(title)
        {
            Subtitle = $"{preset.Caption()}; one training run each",
            X = new Axis("with the loss minus without it, points (95 % interval over patients)"),
            Y = new Axis
            {
                Categories = [
                    .. layers.Select(l => $"energy {l}"), .. layers.Select(l => $"pointing {l}"), "refinement",
                    "agreement x 100"],
            },
            Series = [EstimateSeries.Intervals("with minus without", all)],
            Lines = [new ReferenceLine(0, "no difference", Vertical: true)],
            Height = 460,
        };
    }

    /// <summary>The mean deletion and insertion curves of one run's layers and of the noise control (dashed).</summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="preset">The preset of the run, for the subtitle.</param>
    /// <param name="layers">The run's curves.</param>
    public static ChartGrid DeletionAndInsertion(string title, Scale preset, IReadOnlyList<PerturbationSummary> layers)
    {
        int steps = layers[0].DeletionCurve.Count - 1;
        double[] moved = [.. Enumerable.Range(0, steps + 1).Select(k => 100.0 * k / steps)];
        Chart Panel(string name, string what, Func<PerturbationSummary, IEnumerable<double>> curve) => new(name)
        {
            X = new Axis($"pixels {what}, percent"),
            Y = new Axis("mean probability over M") { Min = 0, Max = 1 },
            Series = [.. layers.Select((layer, i) =>
                Series.Line(CamTables.CurveName(layers, i), moved, curve(layer)) with
                { Dash = layer.Layer == PerturbationCurves.Control ? Dash.Dashed : Dash.Solid })],
            Height = 360,
        };

        return new ChartGrid(title)
        {
            Subtitle = $"{preset.Caption()}; mean of {layers[0].Cases} seeded test cases",
            Panels =
            [
                Panel("Deletion", "removed", layer => layer.DeletionCurve),
                Panel("Insertion", "inserted", layer => layer.InsertionCurve),
            ],
        };
    }

    /// <summary>The share of each layer's CAM in the half of the image that the report names, text by text.</summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="preset">The preset of the run, for the subtitle.</param>
    /// <param name="measured">The texts and the scores under each.</param>
    public static Chart ByText(
        string title, Scale preset, IReadOnlyList<(TextMode Text, IReadOnlyList<CamScore> Scores)> measured)
    {
        (string Name, CamSummary Summary)[] texts =
            [.. measured.Select(text => (CamTables.Words(text.Text), CamSummary.Of(text.Scores)))];
        return new Chart(title)
        {
            Subtitle = $"{preset.Caption()}; {texts[0].Summary.OneSided} one-sided cases; dashed: favours neither side",
            X = new Axis { Categories = CamStudy.LayerNames(texts[0].Summary.Energy.Count) },
            Y = new Axis("percent of the CAM in that half") { Min = 0, Max = 104 },
            Series = [.. texts.Select(text => EstimateSeries.Bars(text.Name, text.Summary.OnNamedSide))],
            Lines = [new ReferenceLine(50)],
            Height = 380,
        };
    }
}
