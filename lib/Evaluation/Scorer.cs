using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Evaluation;

/// <summary>Runs a model over batches and scores each case at the network's size.</summary>
public static class Scorer
{
    /// <summary>
    /// Scores each case of the batches in evaluation mode, lesion where the probability is at least 0.5.
    /// </summary>
    /// <param name="model">The model; it is left in evaluation mode.</param>
    /// <param name="batches">The cases.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the scoring after the batch under way.</param>
    /// <param name="flip">Whether each probability is the mean over the image and its horizontal flip, the report
    /// flipped along.</param>
    public static IReadOnlyList<CaseScore> Score(
        SegmentationModel model, BatchSource batches, Device device, Action<int>? onBatch = null,
        CancellationToken cancellation = default, bool flip = false)
    {
        model.eval();
        return EachBatch(batches, Score, onBatch, cancellation);

        IEnumerable<CaseScore> Score(Batch batch)
        {
            using IDisposable noGradient = no_grad();
            var clock = Stopwatch.StartNew();

            // The CPU's copy waits for a GPU, which computes beside us.
            Tensor probability = Probability(model, batch.Image.to(device), batch.Text.to(device), flip).cpu();
            double seconds = clock.Elapsed.TotalSeconds / batch.Cases.Count;
            return CaseScore.Of(probability, batch).Select(score => score with { Seconds = seconds });
        }
    }

    /// <summary>Measures the batches one by one and frees the tensors of each.</summary>
    /// <param name="batches">The cases.</param>
    /// <param name="measure">A batch's measures, which hold no tensor.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the work after the batch under way.</param>
    internal static List<T> EachBatch<T>(
        BatchSource batches, Func<Batch, IEnumerable<T>> measure, Action<int>? onBatch, CancellationToken cancellation)
    {
        var measured = new List<T>();
        foreach (Batch batch in batches.Epoch(0))
        {
            using (batch)
            using (CollectorPause.Begin())
            using (NewDisposeScope())
                measured.AddRange(measure(batch));
            onBatch?.Invoke(batch.Cases.Count);
            cancellation.ThrowIfCancellationRequested();
        }

        return measured;
    }

    /// <summary>The probability (B, 1, S, S) of a batch, on its device.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="image">Shape (B, 3, S, S).</param>
    /// <param name="text">Shape (B, 8).</param>
    /// <param name="flip">Whether it is the mean over the image and its horizontal flip, the report flipped
    /// along.</param>
    public static Tensor Probability(SegmentationModel model, Tensor image, Tensor text, bool flip = false)
    {
        Tensor probability = model.call(image, text).Probability;
        if (!flip)
            return probability;
        Tensor order = tensor(TextVector.HorizontalFlip.ToArray(), device: text.device);
        return (probability + model.call(image.flip(3), text.index_select(1, order)).Probability.flip(3)) / 2;
    }
}
