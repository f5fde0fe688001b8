using System.Collections.Concurrent;
using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Prediction;

/// <summary>An image to predict.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">What its results are called, unique among the images.</param>
/// <param name="Report">The report in sides of the image; null for none.</param>
internal sealed record PictureTask(string Path, string Name, LesionReport? Report);

/// <summary>A predicted image.</summary>
/// <param name="Task">What was predicted.</param>
/// <param name="LesionPixels">The lesion's pixels at the image's own size.</param>
/// <param name="Pixels">All pixels of the image.</param>
/// <param name="Seconds">The network's time: its batch's over the batch's images.</param>
internal sealed record PicturePrediction(PictureTask Task, long LesionPixels, long Pixels, double Seconds)
{
    /// <summary>The lesion's share of the image, 0 to 100.</summary>
    public double LesionPercent => 100.0 * LesionPixels / Pixels;
}

/// <summary>How images are predicted, and what is written of each beside NAME-mask.png.</summary>
internal sealed record PredictionSettings
{
    /// <summary>Where the files go.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether NAME-overlay.png is written: the image with the lesion marked.</summary>
    public bool Overlays { get; init; }

    /// <summary>Whether NAME-probability.png is written: 0 to 255 for 0 to 1.</summary>
    public bool Probabilities { get; init; }

    /// <summary>
    /// Whether each probability is the mean over the image and its horizontal flip, the report flipped along.
    /// </summary>
    public bool Flip { get; init; }

    /// <summary>Images a batch.</summary>
    public int BatchSize { get; init; } = BatchSettings.ScoringBatch;

    /// <summary>Where the network computes.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>The mask's file.</summary>
    public string MaskOf(PictureTask task) => Path.Combine(Folder, task.Name + "-mask.png");

    /// <summary>All files that are written of an image.</summary>
    public IEnumerable<string> FilesOf(PictureTask task)
    {
        yield return MaskOf(task);
        if (Overlays)
            yield return Path.Combine(Folder, task.Name + "-overlay.png");
        if (Probabilities)
            yield return Path.Combine(Folder, task.Name + "-probability.png");
    }
}

/// <summary>
/// Predicts images in batches, each at its own size. Files are decoded and results written on worker threads beside the
/// network. An image that cannot be read is told and passed over.
/// </summary>
internal static class PicturePredictor
{
    private const int MostWaiting = 64;

    /// <summary>Predicts images in their order.</summary>
    /// <param name="model">The network.</param>
    /// <param name="tasks">The images.</param>
    /// <param name="settings">What is written and where.</param>
    /// <param name="onDone">Told each image whose files are written, on this thread.</param>
    /// <param name="onError">Told each image that cannot be read, and why, on this thread.</param>
    /// <param name="cancellation">Ends it after the batch under way; what was predicted is written and told.</param>
    /// <exception cref="IOException">A result cannot be written.</exception>
    /// <exception cref="InvalidDataException">The network gives values that are no numbers.</exception>
    public static void Run(
        TrainedModel model,
        IReadOnlyList<PictureTask> tasks,
        PredictionSettings settings,
        Action<PicturePrediction> onDone,
        Action<PictureTask, string> onError,
        CancellationToken cancellation)
    {
        if (tasks.Count == 0)
            return;
        Dictionary<string, PictureTask> byName = tasks.ToDictionary(task => task.Name);
        var images = new ConcurrentDictionary<string, GrayImage>();
        var unread = new ConcurrentDictionary<string, string>();
        var batches = new BatchSource(
            [.. tasks.Select(task => new Case(task.Name, task.Path, null, task.Report, null, ImageKind.XRay))],
            Read,
            BatchSettings.ForScoring(settings.BatchSize) with { CacheLimitBytes = 0 });
        var writing = new Queue<Task<PicturePrediction>>();
        try
        {
            foreach (Batch batch in batches.Epoch(0))
            {
                using (batch)
                {
                    foreach (PictureTask task in Predict(batch))
                        onError(task, unread[task.Name]);
                }

                Tell(atMost: MostWaiting);
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            Tell(atMost: 0);
        }

        Sample Read(Case item)
        {
            int side = model.ImageSize;
            try
            {
                GrayImage image = ImageFile.Read(item.ImagePath);
                image.RequireNumbers();
                images[item.Id] = image;
                return new Sample(item, Resize.Area(image, side), new BinaryMask(side, side), item.Report);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                unread[item.Id] = ImageFile.FaultFrom(item.ImagePath, e).ToString();
                return new Sample(item, new GrayImage(side, side), new BinaryMask(side, side), null); // keeps its place
            }
        }

        // Gives the images that could not be read.
        List<PictureTask> Predict(Batch batch)
        {
            using IDisposable pause = CollectorPause.Begin();
            using IDisposable noGradient = no_grad();
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            Tensor probability = Scorer.Probability(
                model.Model, batch.Image.to(settings.Device), batch.Text.to(settings.Device), settings.Flip).cpu();
            double seconds = clock.Elapsed.TotalSeconds / batch.Cases.Count;
            var bad = new List<PictureTask>();
            for (int i = 0; i < batch.Cases.Count; i++)
            {
                PictureTask task = byName[batch.Cases[i].Id];
                if (!images.TryRemove(task.Name, out GrayImage? image))
                {
                    bad.Add(task);
                    continue;
                }

                GrayImage own = Predictor.AtSize(probability.narrow(0, i, 1), image.Width, image.Height);
                writing.Enqueue(Task.Run(() => Write(task, image, own, settings, seconds)));
            }

            return bad;
        }

        void Tell(int atMost)
        {
            while (writing.TryPeek(out Task<PicturePrediction>? first) && (writing.Count > atMost || first.IsCompleted))
            {
                writing.Dequeue();
                onDone(first.GetAwaiter().GetResult());
            }
        }
    }

    private static PicturePrediction Write(
        PictureTask task, GrayImage image, GrayImage probability, PredictionSettings settings, double seconds)
    {
        if (!float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Sum(probability.Pixels)))
        {
            throw new InvalidDataException(
                $"{task.Path}: the network's output is NaN, so its training diverged. Choose other weights.");
        }

        BinaryMask mask = Predictor.Threshold(probability);
        if (settings.Overlays)
        {
            string overlay = Path.Combine(settings.Folder, task.Name + "-overlay.png");
            AtomicFile.WriteBytes(overlay, Overlay.Prediction(image, mask).ToPng());
        }

        if (settings.Probabilities)
            ImageFile.Write(Path.Combine(settings.Folder, task.Name + "-probability.png"), probability);
        ImageFile.Write(settings.MaskOf(task), mask); // last: where it is, all is
        return new PicturePrediction(task, mask.Area, mask.Pixels.Length, seconds);
    }
}
