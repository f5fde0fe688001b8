using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Experiments;

/// <summary>
/// The paper's Figure 4: for each case and run a row with the image, the truth, the decoder's CAMs from coarse to
/// fine, and the prediction.
/// </summary>
public static class CamFigure
{
    /// <summary>Draws the figure. Every run gets the text it was trained with.</summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="runs">The runs and what their rows are called, all of one data set; with weights.</param>
    /// <param name="cases">Ids of the data set's cases.</param>
    /// <exception cref="FileNotFoundException">A run's weights are not here.</exception>
    public static PictureGrid Draw(
        string title, IReadOnlyList<(string Name, Run Run)> runs, IReadOnlyList<string> cases)
    {
        RunData data = runs[0].Run.OpenData();
        SegmentationModel[] models = [.. runs.Select(r => r.Run.LoadModel())];
        try
        {
            return Grid(
                title, "image", data,
                [.. cases.SelectMany(id => runs.Zip(models, (r, model) =>
                    new Row(r.Name, r.Run.Spec, model, id, r.Run.Spec.Text, HasReport: model == models[0])))]);
        }
        finally
        {
            foreach (SegmentationModel model in models)
                model.Dispose();
        }
    }

    /// <summary>One case under several texts: a row per text with report, CAMs and prediction.</summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="run">A run with weights.</param>
    /// <param name="caseId">The case.</param>
    /// <param name="texts">The texts; a mirrored one must be possible, so the case needs a report.</param>
    /// <exception cref="FileNotFoundException">The run's weights are not here.</exception>
    public static PictureGrid DrawTexts(string title, Run run, string caseId, IReadOnlyList<TextMode> texts)
    {
        RunData data = run.OpenData();
        using SegmentationModel model = run.LoadModel();
        return Grid(
            title, "report given", data,
            [.. texts.Select(text => new Row(CamResults.Words(text), run.Spec, model, caseId, text, HasReport: true))]);
    }

    /// <summary>
    /// Cases for the figure that nobody picked by hand: those with a lesion, in the order of a run's Dice, at equal
    /// steps from the better to the worse end.
    /// </summary>
    /// <param name="run">The run whose scores order the cases.</param>
    /// <param name="count">How many; 3 are at three quarters, at half and at a quarter of the order.</param>
    public static IReadOnlyList<string> ChooseCases(Run run, int count)
    {
        CaseScore[] ranked = run.Ranked;
        return [.. Enumerable.Range(1, count)
            .Select(k => ranked[Math.Min(k * ranked.Length / (count + 1), ranked.Length - 1)].CaseId)];
    }

    private static PictureGrid Grid(string title, string first, RunData data, Row[] rows)
    {
        int layers = rows.Max(row => row.Model.CamLayers.Count);
        return new PictureGrid(title)
        {
            Subtitle = rows[0].Spec.Caption()
                + "; Grad-CAM of the predicted lesion, each map from 0 to its greatest value",
            ColumnCaptions = [first, "truth", .. CamStudy.LayerNames(layers), "prediction"],
            RowCaptions = [.. rows.Select(row => row.Name)],
            Rows = [.. rows.Select(row => Draw(row, data, layers))],
            Legend = [.. Overlay.TruthLegend, .. Overlay.PredictionLegend],
            ColorBar = new ColorBar(ColorMap.Inferno, "CAM", "0", "max"),
        };
    }

    private static Picture?[] Draw(Row row, RunData data, int columns)
    {
        Sample sample = data.ReadSample(row.Spec, row.CaseId);
        RunData one = data with { Split = data.Split with { Test = [row.CaseId] } };
        using Batch batch = one.Batches(row.Spec, Part.Test, row.Text).Epoch(0).Single();
        using CamMaps maps = GradCam.Explain(row.Model, batch.Image, batch.Text);
        IReadOnlyList<LayerScore> scores = CamScore.Of(maps, batch)[0].Layers;
        double[] pedestals = [.. maps.Layers.Select(layer =>
        {
            using Tensor upsampled = maps.Upsampled(layer);
            return CamMeasures.Pedestal(upsampled)[0];
        })];
        return
        [
            Picture.Of(sample.Image) with { Caption = row.HasReport ? Given(sample.Report, row.Text) : "" },
            Overlay.Truth(sample.Image, sample.Mask),
            .. maps.Layers.Select((layer, i) => Overlay.Heat(sample.Image, maps.Heat(layer, 0), sample.Mask) with
            { Caption = scores[i].IsZero ? "all zeros" : Words(scores[i].Energy, pedestals[i]) }),
            .. Enumerable.Repeat<Picture?>(null, columns - maps.Layers.Count),
            Overlay.Prediction(sample.Image, maps.Prediction(0)).WithOutline(sample.Mask, Palette.Truth),
        ];
    }

    private static string Words(double energy, double pedestal)
    {
        string inside = FormattableString.Invariant($"{100 * energy:0}\u00a0% in the lesion");
        return pedestal < 0.005 ? inside : FormattableString.Invariant($"{inside}, {100 * pedestal:0}\u00a0% pedestal");
    }

    private static string Given(LesionReport? report, TextMode text) => text switch
    {
        TextMode.Correct => report?.ToSentence() ?? "",
        TextMode.Missing => "No report.",
        TextMode.Mirrored => report?.FlipHorizontal().ToSentence() ?? "",
        _ => CamResults.Words(text),
    };

    /// <summary>What one row shows.</summary>
    private sealed record Row(
        string Name, RunSpec Spec, SegmentationModel Model, string CaseId, TextMode Text, bool HasReport);
}
