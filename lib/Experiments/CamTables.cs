using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;

namespace C2FVL.Experiments;

/// <summary>The measures of class activation maps as tables, with 95 % intervals over patients.</summary>
public static class CamTables
{
    /// <summary>Energy and pointing of every layer, refinement and agreement of every run.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="preset">The preset of the runs, for the caption.</param>
    /// <param name="measured">The runs' names and scores, all of the same cases.</param>
    public static Table Measures(
        string title, Scale preset, IReadOnlyList<(string Name, IReadOnlyList<CamScore> Scores)> measured)
    {
        CamSummary first = CamSummary.Of(measured[0].Scores);
        var table = new TableBuilder<LayerRow>(
            [.. measured.SelectMany(run => Rows(run.Name, CamSummary.Of(run.Scores)))]);
        table.Words("run", row => row.Name, header: "");
        table.Words("layer", row => row.Layer);
        table.Percent("energy", row => row.Summary.Energy[row.Index], header: "energy in the lesion, %");
        table.Percent("pointing", row => row.Summary.Pointing[row.Index], header: "peak in the lesion, %");
        table.Numbers("empty maps", "0", row => row.Summary.ZeroMaps[row.Index]);
        table.Percent("refinement", row => row.Index == 0 ? row.Summary.Refinement : null, "0.0", "refinement, points");
        table.Interval("agreement", "0.000", row => row.Index == 0 ? row.Summary.Agreement : null, "agreement, cosine");
        string uniform = FormattableString.Invariant($"A uniform map scores {100 * first.Uniform:0.0} % energy.");
        return table.Make(title, $"{preset.Caption()}; {first.Cases} cases, 95 % intervals over patients. {uniform}");
    }

    /// <summary>The cosine between every two layers' CAMs, a column per run.</summary>
    /// <inheritdoc cref="Measures"/>
    public static Table LayerCosines(
        string title, Scale preset, IReadOnlyList<(string Name, IReadOnlyList<CamScore> Scores)> measured)
    {
        (string Name, CamSummary Summary)[] runs = [.. measured.Select(run => (run.Name, CamSummary.Of(run.Scores)))];
        int layers = runs[0].Summary.Energy.Count;
        IReadOnlyList<string> names = CamStudy.LayerNames(layers);
        var table = new TableBuilder<(string Pair, int Index)>(
            [.. CamScore.Pairs(layers).Select((pair, i) => ($"{names[pair.First]} and {names[pair.Second]}", i))]);
        table.Words("layers", row => row.Pair);
        foreach ((string name, CamSummary summary) in runs)
            table.Interval(name, "0.000", row => summary.Cosines[row.Index]);
        return table.Make(title, $"{preset.Caption()}; mean cosine over the cases with its 95 % interval");
    }

    /// <summary>The areas under the deletion and the insertion curve of every layer and of the noise control.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="preset">The preset of the runs, for the caption.</param>
    /// <param name="measured">The runs' names and curves.</param>
    public static Table CurveAreas(
        string title, Scale preset, IReadOnlyList<(string Name, IReadOnlyList<PerturbationSummary> Layers)> measured)
    {
        var table = new TableBuilder<(string Name, string Layer, PerturbationSummary Curves)>(
        [
            .. measured.SelectMany(run => run.Layers.Select((layer, i) =>
                (i == 0 ? run.Name : "", CurveName(run.Layers, i), layer))),
        ]);
        table.Words("run", row => row.Name, header: "");
        table.Words("layer", row => row.Layer);
        table.Interval("deletion", "0.000", row => row.Curves.Deletion, "deletion AUC (faithful: small)");
        table.Interval("insertion", "0.000", row => row.Curves.Insertion, "insertion AUC (faithful: large)");
        table.Interval("gap", "0.000", row => row.Curves.Gap, "insertion minus deletion");
        table.Numbers("cases", "0", row => row.Curves.Cases);
        return table.Make(title, $"{preset.Caption()}; 95 % intervals over patients");
    }

    /// <summary>Where one run's CAMs lie under each text.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="preset">The preset of the run, for the caption.</param>
    /// <param name="measured">The texts and the scores under each.</param>
    public static Table ByText(
        string title, Scale preset, IReadOnlyList<(TextMode Text, IReadOnlyList<CamScore> Scores)> measured)
    {
        var table = new TableBuilder<LayerRow>(
            [.. measured.SelectMany(text => Rows(Words(text.Text), CamSummary.Of(text.Scores)))]);
        table.Words("text", row => row.Name, "report given");
        table.Words("layer", row => row.Layer);
        table.Percent("named half", row => row.Summary.OnNamedSide[row.Index], header: "in the named half, %");
        table.Percent("energy", row => row.Summary.Energy[row.Index], header: "in the lesion, %");
        table.Numbers("empty maps", "0", row => row.Summary.ZeroMaps[row.Index]);
        string half = "The half is the one that the correct report names.";
        return table.Make(title, $"{preset.Caption()}; 95 % intervals over patients. {half}");
    }

    /// <summary>A text as tables and charts name it.</summary>
    internal static string Words(TextMode text) => text.ToString().ToLowerInvariant();

    /// <summary>The paper's name of a curve's layer; the control is the last of its run.</summary>
    internal static string CurveName(IReadOnlyList<PerturbationSummary> layers, int index) =>
        layers[index].Layer == PerturbationCurves.Control
            ? "control: noise"
            : CamStudy.LayerNames(layers.Count - 1)[index];

    private static IEnumerable<LayerRow> Rows(string name, CamSummary summary) => CamStudy
        .LayerNames(summary.Energy.Count)
        .Select((layer, i) => new LayerRow(i == 0 ? name : "", layer, i, summary));

    private sealed record LayerRow(string Name, string Layer, int Index, CamSummary Summary);
}
