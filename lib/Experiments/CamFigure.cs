using C2FVL.Data;
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
    private static readonly LegendItem[] Lines =
        [.. Overlay.TruthLegend, .. Overlay.PredictionLegend];

    private static ColorBar Bar => new(ColorMap.Inferno, "CAM", "0", "max");

    /// <summary>Draws the figure. Every run gets the text it was trained with.</summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="runs">The runs and what their rows are called, all of one data set; with weights.</param>
    /// <param name="cases">Ids of the data set's cases.</param>
    /// <param name="method">How maps become one.</param>
    /// <exception cref="FileNotFoundException">A run's weights are not here.</exception>
    public static PictureGrid Draw(
        string title, IReadOnlyList<(string Name, Run Run)> runs, IReadOnlyList<string> cases,
        CamMethod method = CamMethod.GradCam)
    {
        RunData data = runs[0].Run.OpenData();
        (string Name, Run Run, SegmentationModel Model)[] loaded =
            [.. runs.Select(r => (r.Name, r.Run, r.Run.LoadModel()))];
        try
        {
            int layers = loaded.Max(r => r.Model.CamLayers.Count);
            return new PictureGrid(title)
            {
                Subtitle = Subtitle(runs[0].Run.Spec, method),
                ColumnCaptions = ["image", "truth", .. CamStudy.LayerNames(layers), "prediction"],
                RowCaptions = [.. cases.SelectMany(_ => loaded.Select(r => r.Name))],
                Rows = [.. cases.SelectMany(id => loaded.Select((r, i) =>
                    Row(r.Run.Spec, r.Model, data, id, r.Run.Spec.Text, method, layers, hasReport: i == 0)))],
                Legend = Lines,
                ColorBar = Bar,
            };
        }
        finally
        {
            foreach ((_, _, SegmentationModel model) in loaded)
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
        return new PictureGrid(title)
        {
            Subtitle = Subtitle(run.Spec, CamMethod.GradCam),
            ColumnCaptions = ["report given", "truth", .. CamStudy.LayerNames(model.CamLayers.Count), "prediction"],
            RowCaptions = [.. texts.Select(CamTables.Words)],
            Rows = [.. texts.Select(text =>
                Row(run.Spec, model, data, caseId, text, CamMethod.GradCam, model.CamLayers.Count, hasReport: true))],
            Legend = Lines,
            ColorBar = Bar,
        };
    }

    /// <summary>
    /// Cases for the figure that nobody picked by hand: those with a lesion, in the order of a run's Dice, at equal
    /// steps from the better to the worse end.
    /// </summary>
    /// <param name="run">The run whose scores order the cases.</param>
    /// <param name="count">How many; 3 are at three quarters, at half and at a quarter of the order.</param>
    public static IReadOnlyList<string> ChooseCases(Run run, int count)
    {
        string[] ranked = [.. run.Cases.Where(c => c.Truth > 0).OrderByDescending(c => c.Dice)
            .ThenBy(c => c.CaseId, StringComparer.Ordinal)
            .Select(c => c.CaseId)];
        return [.. Enumerable.Range(1, count)
            .Select(k => ranked[Math.Min(k * ranked.Length / (count + 1), ranked.Length - 1)])];
    }

    private static Picture?[] Row(
        RunSpec spec, SegmentationModel model, RunData data, string id, TextMode text, CamMethod method, int columns,
        bool hasReport)
    {
        Case item = data.Dataset.Cases.FirstOrDefault(c => c.Id == id)
            ?? throw new ArgumentException($"There is no case {id} in {data.Dataset.Name} ({data.Dataset.Root}).");
        RunData one = data with { Split = data.Split with { Test = [id] } };
        Sample sample = SampleReader.Read(item, spec.Model.ImageSize, spec.Data.MaskRule);
        using Batch batch = one.Batches(spec, Part.Test, text).Epoch(0).Single();
        var settings = new CamSettings { Method = method };
        using CamMaps maps = GradCam.Explain(model, batch.Image, batch.Text, batch.Mask, settings);
        IReadOnlyList<LayerScore> scores = CamScore.Of(maps, batch)[0].Layers;
        double[] pedestals = [.. maps.Layers.Select(layer =>
        {
            using Tensor upsampled = maps.Upsampled(layer);
            return CamMeasures.Pedestal(upsampled)[0];
        })];
        return
        [
            Picture.Of(sample.Image) with { Caption = hasReport ? Given(item.Report, text) : "" },
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

    private static string Subtitle(RunSpec spec, CamMethod method) =>
        $"{spec.Caption()}; {Words(method)} of the predicted lesion, each map from 0 to its greatest value";

    private static string Given(LesionReport? report, TextMode text) => text switch
    {
        TextMode.Correct => report?.ToSentence() ?? "",
        TextMode.Missing => "No report.",
        TextMode.Mirrored => report?.MirrorLeftRight().ToSentence() ?? "",
        _ => CamTables.Words(text),
    };

    private static string Words(CamMethod method) => method switch
    {
        CamMethod.GradCamPlusPlus => "Grad-CAM++",
        CamMethod.HiResCam => "HiResCAM",
        _ => "Grad-CAM",
    };
}
