using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>Runs a model over batches and measures each case's CAMs.</summary>
public static class CamScorer
{
    /// <summary>Explains every case of the batches once, in their order, by <see cref="GradCam"/>.</summary>
    /// <param name="model">The model; it is left as it was.</param>
    /// <param name="batches">The cases.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="settings">Layers, method and pixel set; null for the defaults.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the work after the batch under way.</param>
    /// <returns>A score a case, in the order of the batches.</returns>
    /// <exception cref="ArgumentException">A layer cannot be explained; the message says which and why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; there are no scores then.</exception>
    public static IReadOnlyList<CamScore> Score(SegmentationModel model, BatchSource batches, Device device, CamSettings? settings = null, Action<int>? onBatch = null, CancellationToken cancellation = default)
    {
        var scores = new List<CamScore>();
        foreach (Batch batch in batches.Epoch(0))
        {
            using (batch)
            using (CollectorPause.Begin())
            using (NewDisposeScope())
            {
                using CamMaps maps = GradCam.Explain(model, batch.Image.to(device), batch.Text.to(device), batch.Mask.to(device), settings);
                scores.AddRange(CamScore.Of(maps, batch));
            }

            onBatch?.Invoke(batch.Cases.Count);
            cancellation.ThrowIfCancellationRequested();
        }

        return scores;
    }
}
