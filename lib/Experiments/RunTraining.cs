using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using static TorchSharp.torch;

namespace C2FVL.Experiments;

/// <summary>An epoch that a run has just finished.</summary>
/// <param name="Spec">The run.</param>
/// <param name="Data">Its cases.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Record">The epoch's numbers.</param>
/// <param name="Model">The model with the validated weights, which must stay as they are; its mode may change.</param>
public sealed record RunEpoch(RunSpec Spec, RunData Data, string Folder, EpochRecord Record, SegmentationModel Model);

/// <summary>
/// A run ready for its first step: whatever can be refused is refused when it is made, before a file is written.
/// </summary>
internal sealed class RunTraining : IDisposable
{
    private readonly RunSpec spec;
    private readonly Device device;
    private readonly RunData data;
    private readonly BatchSource validation, test;

    /// <param name="spec">What to run.</param>
    /// <param name="data">Its cases.</param>
    /// <param name="checkpointEvery">How often a checkpoint is written.</param>
    /// <param name="isBegun">Whether it resumes from a checkpoint, which holds the weights.</param>
    public RunTraining(RunSpec spec, RunData data, TimeSpan checkpointEvery, bool isBegun = false)
    {
        if (!isBegun)
            spec.From?.Require();
        TorchLibrary.EnsureLoaded();
        device = Devices.Use(spec.Device, spec.Threads);
        this.spec = spec;
        this.data = data;
        (Train, validation, test) =
            (data.Batches(spec, Part.Train), data.Batches(spec, Part.Val), data.Batches(spec, Part.Test));
        Seeds.Torch(spec.Seed, "weights");
        Model = spec.Model.Create();
        if (!isBegun && spec.From is StartWeights start)
            Start = StartingWeights.Take(Model, start.FullPath);
        Trainer = new Trainer(Model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, device)
        {
            CheckpointEvery = checkpointEvery,
            CreateCopy = spec.Model.Create,
            Metadata = { ["spec"] = spec.ToJson(), ["data"] = data.Gate.Digest.Value },
        };
    }

    /// <summary>
    /// What was taken from the weights that it starts from; null where it starts at random or resumes.
    /// </summary>
    public StartingWeights? Start { get; }

    public SegmentationModel Model { get; }

    public Trainer Trainer { get; }

    public BatchSource Train { get; }

    public IReadOnlyList<CaseScore> Run(
        string own, Action<TrainingProgress> onProgress, Action<RunEpoch>? onEpoch, CancellationToken cancellation)
    {
        Trainer.OnEpoch = onEpoch is null ? null : record => onEpoch(new RunEpoch(spec, data, own, record, Model));
        TrainingState state = Trainer.Fit(Train, validation, own, onProgress, cancellation);
        string best = Path.Combine(own, Trainer.BestName);
        if (!File.Exists(best))
            throw new FileNotFoundException(
                $"{best} is missing, so the run cannot be tested. Delete the folder {own} to train it again.", best);
        Weights.Load(Model, best);
        int done = 0, epochs = spec.Training.PretrainingEpochs + spec.Training.Epochs;
        var clock = Stopwatch.StartNew();
        return Scorer.Score(Model, test, device, Report, cancellation, spec.FlipAtTest);

        void Report(int cases)
        {
            done += cases;
            double rate = done / clock.Elapsed.TotalSeconds;
            onProgress(new TrainingProgress(
                TrainingProgress.Test, epochs, epochs, done, test.CaseCount, double.NaN, state.History[^1].ValMeanDice,
                state.BestDice, rate, TimeSpan.FromSeconds((test.CaseCount - done) / rate)));
        }
    }

    public void Dispose() => Model.Dispose();
}
