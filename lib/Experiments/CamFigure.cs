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
    /// <summary>Draws the figure; every run takes the text it was trained with, and is asked for its predicted lesion.</summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="runs">The runs and what their rows are called, all of one data set; with weights.</param>
    /// <param name="cases">Ids of the data set's cases.</param>
    /// <param name="method">How maps become one.</param>
    /// <exception cref="FileNotFoundException">A run's weights are not here.</exception>
    public static PictureGrid Draw(string title, IReadOnlyList<(string Name, Run Run)> runs, IReadOnlyList<string> cases, CamMethod method = CamMethod.GradCam)
    {
        RunData data = runs[0].Run.OpenData();
        (string Name, Run Run, SegmentationModel Model)[] loaded = [.. runs.Select(r => (r.Name, r.Run, r.Run.LoadModel()))];
        try
        {
            int layers = loaded.Max(r => r.Model.CamLayers.Count);
            return new PictureGrid(title)
            {
                Subtitle = $"{runs[0].Run.Spec.Scale.Caption()}; {Words(method)} of the predicted lesion, each map from its least to its greatest value",
                ColumnCaptions = ["image", "truth", .. CamStudy.LayerNames(layers), "prediction"],
                RowCaptions = [.. cases.SelectMany(_ => loaded.Select(r => r.Name))],
                Rows = [.. cases.SelectMany(id => loaded.Select((r, i) => Row(r.Run.Spec, r.Model, data, id, method, layers, isFirst: i == 0)))],
                Legend = [.. Overlay.TruthLegend, new("prediction", Palette.Prediction, LegendShape.Outline)],
                ColorBar = new ColorBar(ColorMap.Inferno, "CAM", "low", "high"),
            };
        }
        finally
        {
            foreach ((_, _, SegmentationModel model) in loaded)
                model.Dispose();
        }
    }

    /// <summary>
    /// Cases for the figure that nobody picked by hand: those with a lesion, in the order of a run's Dice, at equal
    /// steps from the better to the worse end.
    /// </summary>
    /// <param name="run">The run whose scores order the cases.</param>
    /// <param name="count">How many; 3 are at three quarters, at half and at a quarter of the order.</param>
    public static IReadOnlyList<string> ChooseCases(Run run, int count)
    {
        string[] ranked = [.. run.Cases.Where(c => c.Truth > 0).OrderByDescending(c => c.Dice).ThenBy(c => c.CaseId, StringComparer.Ordinal).Select(c => c.CaseId)];
        return [.. Enumerable.Range(1, count).Select(k => ranked[Math.Min(k * ranked.Length / (count + 1), ranked.Length - 1)])];
    }

    private static Picture?[] Row(RunSpec spec, SegmentationModel model, RunData data, string id, CamMethod method, int columns, bool isFirst)
    {
        Case item = data.Dataset.Cases.FirstOrDefault(c => c.Id == id)
            ?? throw new ArgumentException($"There is no case {id} in {data.Dataset.Name} ({data.Dataset.Root}).");
        RunData one = data with { Split = data.Split with { Test = [id] } };
        Sample sample = SampleReader.Read(item, spec.Model.ImageSize, spec.Data.MaskRule);
        using Batch batch = one.Batches(spec, Part.Test).Epoch(0).Single();
        using CamMaps maps = GradCam.Explain(model, batch.Image, batch.Text, batch.Mask, new CamSettings { Method = method });
        IReadOnlyList<LayerScore> scores = CamScore.Of(maps, batch)[0].Layers;
        return
        [
            Picture.Of(sample.Image) with { Caption = isFirst ? item.Report?.ToSentence() ?? "" : "" },
            Overlay.Truth(sample.Image, sample.Mask),
            .. maps.Layers.Select((layer, i) => Overlay.Heat(sample.Image, maps.Heat(layer, 0), sample.Mask) with
            {
                Caption = scores[i].IsZero ? "zero" : FormattableString.Invariant($"{100 * scores[i].Energy:0} % in the lesion"),
            }),
            .. Enumerable.Repeat<Picture?>(null, columns - maps.Layers.Count),
            Overlay.Prediction(sample.Image, maps.Prediction(0)).WithOutline(sample.Mask, Palette.Truth),
        ];
    }

    private static string Words(CamMethod method) => method switch
    {
        CamMethod.GradCamPlusPlus => "Grad-CAM++",
        CamMethod.HiResCam => "HiResCAM",
        _ => "Grad-CAM",
    };
}
