using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using static TorchSharp.torch;

namespace C2FVL.Experiments;

/// <summary>
/// A run ready for its first step: whatever can be refused is refused when it is made, before a file is written.
/// </summary>
internal sealed class RunTraining : IDisposable
{
    private readonly RunSpec spec;
    private readonly Device device;
    private readonly SegmentationModel model;
    private readonly Trainer trainer;
    private readonly BatchSource train, validation, test;

    public RunTraining(RunSpec spec, RunData data, TimeSpan checkpointEvery)
    {
        TorchLibrary.EnsureLoaded();
        device = Devices.Use(spec.Device, spec.Threads);
        this.spec = spec;
        train = data.Batches(spec, Part.Train);
        validation = data.Batches(spec, Part.Val);
        test = data.Batches(spec, Part.Test);
        Seeds.Torch(spec.Seed, "weights");
        model = spec.Model.Create();
        try
        {
            trainer = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, device)
            {
                CheckpointEvery = checkpointEvery,
                CreateCopy = spec.Model.Create,
                Metadata = { ["spec"] = spec.ToJson(), ["data"] = data.Gate.Digest.Value },
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public long Parameters => model.ParameterCount;

    public int Steps => train.BatchCount;

    public (double Loss, double Seconds) DryRun() => trainer.DryRun(train);

    public IReadOnlyList<CaseScore> Run(string own, Action<TrainingProgress> onProgress, CancellationToken cancellation)
    {
        TrainingState state = trainer.Fit(train, validation, own, onProgress, cancellation);
        string best = Path.Combine(own, Trainer.BestName);
        if (!File.Exists(best))
            throw new FileNotFoundException(
                $"{best} is missing, so the run cannot be tested. Delete the folder {own} to train it again.", best);
        Weights.Load(model, best);
        int done = 0, epochs = spec.Training.PretrainingEpochs + spec.Training.Epochs;
        var clock = Stopwatch.StartNew();
        return Scorer.Score(model, test, device, Report, cancellation, spec.FlipAtTest);

        void Report(int cases)
        {
            done += cases;
            double rate = done / clock.Elapsed.TotalSeconds;
            onProgress(
                new TrainingProgress(
                    TrainingProgress.Test, epochs, epochs, done, test.CaseCount, double.NaN,
                    state.History[^1].ValMeanDice, state.BestDice, rate,
                    TimeSpan.FromSeconds((test.CaseCount - done) / rate)));
        }
    }

    public void Dispose() => model.Dispose();
}
