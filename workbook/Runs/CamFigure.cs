using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Runs;

/// <summary>
/// The paper's Figure 4: for each case and run a row with the image, the truth, the decoder's CAMs from coarse to
/// fine, and the prediction.
/// </summary>
internal static class CamFigure
{
    /// <summary>Draws the figure, a row a case, run and text.</summary>
    /// <param name="title">One line above the figure.</param>
    /// <param name="rows">What a row is called, its run with weights, the case, and the text that the run gets; all of
    /// one data set. A mirrored text needs a case with a report.</param>
    /// <exception cref="FileNotFoundException">A run's weights are not here.</exception>
    public static PictureGrid Draw(
        string title, IEnumerable<(string Name, Run Run, string CaseId, TextMode Text)> rows)
    {
        (string Name, Run Run, string CaseId, TextMode Text)[] all = [.. rows];
        RunData data = all[0].Run.OpenData();
        Picture[][] drawn = [.. all.Select((row, i) => Draw(
            data, row.Run, row.CaseId, row.Text,
            isNew: i == 0 || (row.CaseId, row.Text) != (all[i - 1].CaseId, all[i - 1].Text)))];
        int columns = drawn.Max(row => row.Length);
        return new PictureGrid(title)
        {
            Subtitle = all[0].Run.Spec.Caption()
                + "; Grad-CAM of the predicted lesion, each map from 0 to its greatest value",
            ColumnCaptions = ["image", "truth", .. CamStudy.LayerNames(columns - 3), "prediction"],
            RowCaptions = [.. all.Select(row => row.Name)],
            Rows = [.. drawn.Select(row => (Picture?[])
                [.. row[..^1], .. new Picture?[columns - row.Length], row[^1]])],
            Legend = [.. Overlay.TruthLegend, .. Overlay.PredictionLegend],
            ColorBar = new ColorBar(ColorMap.Inferno, "CAM", "0", "max"),
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
        CaseScore[] ranked = [.. run.Cases.Where(c => c.Truth > 0).OrderByDescending(c => c.Dice)
            .ThenBy(c => c.CaseId, StringComparer.Ordinal)];
        return [.. Enumerable.Range(1, count)
            .Select(k => ranked[Math.Min(k * ranked.Length / (count + 1), ranked.Length - 1)].CaseId)];
    }

    /// <summary>The image, with its report where it is new, the truth, the CAMs, and the prediction.</summary>
    private static Picture[] Draw(RunData data, Run run, string caseId, TextMode text, bool isNew)
    {
        Sample sample = SampleReader.Read(
            data.Dataset.Cases.FirstOrDefault(c => c.Id == caseId) ?? throw new ArgumentException(
                $"There is no case {caseId} in {data.Dataset.Name} ({data.Dataset.Root})."),
            run.Spec.Model.ImageSize, run.Spec.Data.MaskRule);
        RunData one = data with { Split = data.Split with { Test = [caseId] } };
        using SegmentationModel model = run.LoadModel();
        using Batch batch = one.Batches(run.Spec, Part.Test, text).Epoch(0).Single();
        using DisposeScope scope = NewDisposeScope();
        using CamMaps maps = GradCam.Explain(model, batch.Image, batch.Text);
        IReadOnlyList<LayerScore> scores = CamScore.Of(maps, batch)[0].Layers;
        return
        [
            Picture.Of(sample.Image) with { Caption = isNew ? Given(sample.Report, text) : "" },
            Overlay.Truth(sample.Image, sample.Mask),
            .. maps.Layers.Select((layer, i) => Overlay.Heat(sample.Image, maps.Heat(layer, 0), sample.Mask) with
            {
                Caption = scores[i].IsZero ? "all zeros"
                    : Words(scores[i].Energy, CamMeasures.Pedestal(maps.Upsampled(layer))[0]),
            }),
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
        _ => text.ToString().ToLowerInvariant(),
    };
}
