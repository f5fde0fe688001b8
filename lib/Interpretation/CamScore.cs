using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>The measures of one case's CAMs at the network's size.</summary>
/// <param name="CaseId">The case's id.</param>
/// <param name="Group">The patient, or the case itself where the patient is unknown.</param>
/// <param name="Named">The zones that the case's own report names, whatever text the model was given; none without a
/// report.</param>
/// <param name="Lesion">The annotated lesion's share of the image, 0 to 1: the energy of a uniform map.</param>
/// <param name="Layers">A score a layer, in the order of the CAMs.</param>
/// <param name="Cosines">The cosine of each pair of layers: 0 and 1, 0 and 2, ..., 1 and 2, ...</param>
public sealed record CamScore(
    string CaseId, string Group, Zones Named, double Lesion, IReadOnlyList<LayerScore> Layers,
    IReadOnlyList<double> Cosines)
{
    /// <summary>The pairs of layers, by their places, in the order of <see cref="Cosines"/>.</summary>
    public static IEnumerable<(int First, int Second)> Pairs(int layers) =>
        from first in Enumerable.Range(0, layers)
        from second in Enumerable.Range(first + 1, layers - first - 1)
        select (first, second);

    /// <summary>The one side that the report names; null if it names both or none.</summary>
    public bool? NamesLeft => ((Named & Zones.Left) != 0, (Named & Zones.Right) != 0) switch
    {
        (true, false) => true,
        (false, true) => false,
        _ => null,
    };

    /// <summary>Measures a batch's CAMs against its masks.</summary>
    /// <param name="maps">The CAMs.</param>
    /// <param name="batch">The batch that they explain.</param>
    /// <returns>A score a case, in the order of the rows.</returns>
    public static IReadOnlyList<CamScore> Of(CamMaps maps, Batch batch)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] cams = [.. maps.Layers.Select(maps.Upsampled)]; // each (B, S, S)
        Tensor lesion = batch.Mask.to(maps.Logits.device).squeeze(1) >= 0.5; // (B, S, S)
        Tensor left = zeros_like(lesion[0]); // (S, S)
        left.narrow(1, 0, left.shape[1] / 2).fill_(true);

        double[] share = lesion.to(ScalarType.Float64).mean([1, 2]).cpu().data<double>().ToArray();
        double[][] energy = [.. cams.Select(cam => CamMeasures.Energy(cam, lesion))];
        bool[][] hits = [.. cams.Select(cam => CamMeasures.Hits(cam, lesion))];
        double[][] lefts = [.. cams.Select(cam => CamMeasures.Energy(cam, left))];
        bool[][] zero = [.. cams.Select(cam => (cam.amax([1, 2]) <= 0).cpu().data<bool>().ToArray())];
        double[][] cosines = [
            .. Pairs(cams.Length).Select(pair => CamMeasures.Cosine(cams[pair.First], cams[pair.Second]))];
        return [.. batch.Cases.Select((item, row) => new CamScore(
            item.Id, item.Group, item.Report?.Zones ?? Zones.None, share[row],
            [.. cams.Select((_, i) => new LayerScore(energy[i][row], hits[i][row], lefts[i][row], zero[i][row]))],
            [.. cosines.Select(pair => pair[row])]))];
    }
}

/// <summary>Runs a model over batches and measures each case's CAMs.</summary>
public static class CamScorer
{
    /// <summary>Explains every case of the batches once, in their order, by <see cref="GradCam"/>.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="batches">The cases.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="settings">Layers, method and pixel set; null for the defaults.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the work after the batch under way.</param>
    /// <returns>A score a case, in the order of the batches.</returns>
    /// <exception cref="ArgumentException">A layer cannot be explained; the message says which and why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; there are no scores then.</exception>
    public static IReadOnlyList<CamScore> Score(
        SegmentationModel model, BatchSource batches, Device device, CamSettings? settings = null,
        Action<int>? onBatch = null, CancellationToken cancellation = default) =>
        Measure(model, batches, device, settings, CamScore.Of, onBatch, cancellation);

    /// <summary>The same for any measure of a batch's maps.</summary>
    internal static List<T> Measure<T>(
        SegmentationModel model, BatchSource batches, Device device, CamSettings? settings,
        Func<CamMaps, Batch, IEnumerable<T>> measure, Action<int>? onBatch, CancellationToken cancellation) =>
        Scorer.EachBatch(
            batches,
            batch =>
            {
                using CamMaps maps = GradCam.Explain(
                    model, batch.Image.to(device), batch.Text.to(device), batch.Mask.to(device), settings);
                return (T[])[.. measure(maps, batch)];
            },
            onBatch, cancellation);
}

/// <summary>Where one layer's CAM of one case lies.</summary>
/// <param name="Energy">The share of the CAM inside the annotated lesion, 0 to 1; see
/// <see cref="CamMeasures.Energy"/>.</param>
/// <param name="Hit">Whether the CAM's peak lies inside the annotated lesion; see
/// <see cref="CamMeasures.Hits"/>.</param>
/// <param name="Left">The share of the CAM in the image's left half, 0 to 1.</param>
/// <param name="IsZero">Whether the CAM is 0 everywhere: then energy and left share are 0 and the peak is none.</param>
public sealed record LayerScore(double Energy, bool Hit, double Left, bool IsZero);
