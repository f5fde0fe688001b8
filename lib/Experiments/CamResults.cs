using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Experiments;

/// <summary>
/// The measures of class activation maps as tables and charts, with 95 % intervals over patients: of several runs, or
/// of one run under several texts.
/// </summary>
public sealed class CamResults
{
    private readonly Scale preset;
    private readonly (string Name, CamSummary Summary)[] runs;
    private readonly IReadOnlyList<string> layers;

    /// <param name="preset">The preset of the runs, for captions.</param>
    /// <param name="measured">The names of the runs or texts and their scores, all of the same cases.</param>
    public CamResults(Scale preset, IEnumerable<(string Name, IReadOnlyList<CamScore> Scores)> measured)
    {
        this.preset = preset;
        runs = [.. measured.Select(run => (run.Name, CamSummary.Of(run.Scores)))];
        layers = CamStudy.LayerNames(runs.Max(run => run.Summary.Energy.Count));
    }

    /// <summary>Energy and pointing of every layer, refinement and agreement of every run.</summary>
    /// <param name="title">One line above the table.</param>
    public Table Measures(string title) => Layers()
        .Words("run", row => row.Name, header: "")
        .Words("layer", row => row.Layer)
        .Percent("energy", row => row.Of.Energy[row.Index], header: "energy in the lesion, %")
        .Percent("pointing", row => row.Of.Pointing[row.Index], header: "peak in the lesion, %")
        .Numbers("empty maps", "0", row => row.Of.ZeroMaps[row.Index])
        .Percent("refinement", row => row.Index == 0 ? row.Of.Refinement : null, header: "refinement, points")
        .Intervals("agreement", "0.000", row => row.Index == 0 ? row.Of.Agreement : null, "agreement, cosine")
        .Make(title, $"{preset.Caption()}; {runs[0].Summary.Cases} cases, 95 % intervals over patients. "
            + FormattableString.Invariant($"A uniform map scores {100 * runs[0].Summary.Uniform:0.0} % energy."));

    /// <summary>The cosine between every two layers' CAMs, a column per run.</summary>
    /// <param name="title">One line above the table.</param>
    public Table LayerCosines(string title)
    {
        var table = new TableBuilder<(string Pair, int Index)>(
            CamScore.Pairs(layers.Count).Select((pair, i) => ($"{layers[pair.First]} and {layers[pair.Second]}", i)));
        table.Words("layers", row => row.Pair);
        foreach ((string name, CamSummary summary) in runs)
            table.Intervals(name, "0.000", row => summary.Cosines[row.Index]);
        return table.Make(title, $"{preset.Caption()}; mean cosine over the cases with its 95 % interval");
    }

    /// <summary>Where one run's CAMs lie under each text.</summary>
    /// <param name="title">One line above the table.</param>
    public Table ByText(string title) => Layers()
        .Words("text", row => row.Name, "report given")
        .Words("layer", row => row.Layer)
        .Percent("named half", row => row.Of.OnNamedSide[row.Index], header: "in the named half, %")
        .Percent("energy", row => row.Of.Energy[row.Index], header: "in the lesion, %")
        .Numbers("empty maps", "0", row => row.Of.ZeroMaps[row.Index])
        .Make(
            title, $"{preset.Caption()}; 95 % intervals over patients. The half is the one that the correct report "
                + "names.");

    /// <summary>The share of each layer's CAM in the half of the image that the report names, text by text.</summary>
    /// <param name="title">One line above the chart.</param>
    public Chart ByTextChart(string title) => Panel(title, "percent of the CAM in that half", s => s.OnNamedSide) with
    {
        Subtitle = $"{preset.Caption()}; {runs[0].Summary.OneSided} one-sided cases; dashed: favours neither side",
        Lines = [new ReferenceLine(50)],
        Height = 380,
    };

    /// <summary>Energy and pointing game of each run, layer by layer.</summary>
    /// <param name="title">One line above the chart.</param>
    public ChartGrid CoarseToFine(string title) => new(title)
    {
        Subtitle = $"{preset.Caption()}; 95 % intervals over patients",
        Panels =
        [
            Panel("Energy in the lesion (dashed: a uniform map)", "percent of the CAM", run => run.Energy) with
            { Lines = [new ReferenceLine(100 * runs[0].Summary.Uniform)] },
            Panel("Peak in the lesion (pointing game)", "percent of the cases", run => run.Pointing),
        ],
    };

    /// <summary>The areas under the deletion and the insertion curve of every layer and of the noise control.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="preset">The preset of the runs, for the caption.</param>
    /// <param name="measured">The runs' names and curves; the control is the last of its run.</param>
    public static Table CurveAreas(
        string title, Scale preset, IEnumerable<(string Name, IReadOnlyList<PerturbationSummary> Layers)> measured) =>
        new TableBuilder<(string Name, string Layer, PerturbationSummary Curves)>(
            from run in measured
            let names = CamStudy.LayerNames(run.Layers.Count - 1).Append("control: noise")
            from layer in run.Layers.Zip(names).Index()
            select (layer.Index == 0 ? run.Name : "", layer.Item.Second, layer.Item.First))
        .Words("run", row => row.Name, header: "")
        .Words("layer", row => row.Layer)
        .Intervals("deletion", "0.000", row => row.Curves.Deletion, "deletion AUC (faithful: small)")
        .Intervals("insertion", "0.000", row => row.Curves.Insertion, "insertion AUC (faithful: large)")
        .Intervals("gap", "0.000", row => row.Curves.Gap, "insertion minus deletion")
        .Numbers("cases", "0", row => row.Curves.Cases)
        .Make(title, $"{preset.Caption()}; 95 % intervals over patients");

    private Chart Panel(string title, string unit, Func<CamSummary, IReadOnlyList<Estimate>> measure) => new(title)
    {
        X = new Axis { Categories = layers },
        Y = new Axis(unit) { Min = 0, Max = 104 },
        Series = [.. runs.Select(run => Series.Bar(run.Name, measure(run.Summary).Select(e => e.Percent)))],
    };

    /// <summary>A row a run and layer.</summary>
    private TableBuilder<(string Name, string Layer, int Index, CamSummary Of)> Layers() => new(
        from run in runs
        from layer in CamStudy.LayerNames(run.Summary.Energy.Count).Index()
        select (layer.Index == 0 ? run.Name : "", layer.Item, layer.Index, run.Summary));
}
