using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// Trains any <see cref="SegmentationModel"/> on batches, into a folder: history.csv, best.safetensors (the weights
/// of the best validation mean Dice), last.safetensors (to go on from) and log.txt. Nothing in it knows a particular
/// model or data set.
/// </summary>
/// <remarks>
/// Every random number derives from the seed, the epoch and the batch. So a training that was killed and resumed
/// from last.safetensors ends, on the CPU, with the same bits as one that was not.
/// </remarks>
public sealed class Trainer
{
    private readonly SegmentationModel model;
    private readonly SegmentationLoss loss;
    private readonly TrainingSettings settings;
    private readonly int seed;
    private readonly Device device;

    /// <param name="model">The model, its starting weights made; it is moved to the device.</param>
    /// <param name="loss">The loss of the training stage.</param>
    /// <param name="settings">Optimiser, schedule, budget.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device">Where to train.</param>
    public Trainer(SegmentationModel model, SegmentationLoss loss, TrainingSettings settings, int seed, Device device)
    {
        settings.Validate();
        (this.model, this.loss, this.settings, this.seed, this.device) = (model, loss, settings, seed, device);
        model.to(device);
    }

    /// <summary>
    /// Makes another model of the same settings; needed where <see cref="TrainingSettings.Precision"/> is bfloat16.
    /// </summary>
    public Func<SegmentationModel>? CreateCopy { get; init; }

    /// <summary>
    /// How often a checkpoint is written within an epoch. It does not change the result. The default value is 5
    /// minutes.
    /// </summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Called with each finished epoch, while the model has the weights that were validated. It must not change them.
    /// </summary>
    public Action<EpochRecord>? OnEpoch { get; set; }

    /// <summary>What is written into the best weights' file besides epoch and Dice, such as the run's spec.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The files of a run, in its folder.</summary>
    public const string HistoryName =
        "history.csv", BestName = "best.safetensors", LastName = "last.safetensors", LogName = "log.txt";

    /// <summary>Trains from the folder's last checkpoint, or from the start where there is none, to the end.</summary>
    /// <param name="train">The training batches.</param>
    /// <param name="validation">The validation batches.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="onProgress">Called after every step.</param>
    /// <param name="cancellation">Ends the training after the step under way; the folder can be resumed.</param>
    /// <returns>The final state.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the checkpoint is written.</exception>
    /// <exception cref="IOException">A file could not be written; the previous checkpoint is kept.</exception>
    /// <exception cref="ArithmeticException">The loss is no number any more.</exception>
    public TrainingState Fit(BatchSource train, BatchSource validation, string folder,
        Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(folder);
        using var tools = new Tools(this);
        TrainingState state = Begin(folder, tools);
        var meter = new Meter(settings, train, validation, onProgress);
        while (!state.Finished)
        {
            if (state.Epoch == settings.PretrainingEpochs && state.Epoch > 0 && state.Batch == 0)
                tools.RenewOptimizer();
            state = Epoch(state, train, tools, folder, meter, cancellation);
            using (tools.Average?.Lend())
            {
                state = EndEpoch(state, train.BatchCount, validation, folder, meter, cancellation);
                OnEpoch?.Invoke(state.History[^1]);
            }

            Save(folder, tools, state);
        }

        return state;
    }

    /// <summary>
    /// Trains one batch, writes nothing and leaves the weights as they were: shows that data, model
    /// and loss fit together, and how fast.
    /// </summary>
    /// <returns>The loss and the seconds of the training step.</returns>
    public (double Loss, double Seconds) DryRun(BatchSource train)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> before = model.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using Batch batch = train.Epoch(0).First();
        (double Loss, double Seconds) step = TimedSteps([batch], epoch: 0).Single();
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor value) in model.state_dict())
            value.copy_(before[name]);
        return step;
    }

    /// <summary>
    /// Trains a step on each batch and gives its loss and seconds, the wait for the batch included: what <c>workbook
    /// bench</c> times. Writes nothing.
    /// </summary>
    /// <param name="batches">The batches.</param>
    /// <param name="epoch">The epoch they count to; by default the first after pretraining.</param>
    internal IEnumerable<(double Loss, double Seconds)> TimedSteps(IEnumerable<Batch> batches, int? epoch = null)
    {
        using var tools = new Tools(this);
        int index = 0;
        var clock = Stopwatch.StartNew();
        foreach (Batch batch in batches)
        {
            model.train();
            double[] terms = Step(
                batch, epoch ?? settings.PretrainingEpochs, index++, settings.LearningRate, tools);
            yield return (terms[0], clock.Elapsed.TotalSeconds);
            clock.Restart();
        }
    }

    /// <summary>Takes the folder's last checkpoint over, or begins at the start where there is none.</summary>
    private TrainingState Begin(string folder, Tools tools)
    {
        string last = Path.Combine(folder, LastName);
        if (File.Exists(last))
        {
            TrainingState state = Checkpoint.Load(
                last, model.GetName(), model, tools.Optimizer.Inner, tools.Average);
            tools.Half?.TakeWeights();
            Log(folder, $"resumed at epoch {state.Epoch + 1}, batch {state.Batch + 1}");
            return state;
        }

        string rounding = device.type == DeviceType.CUDA && backends.cuda.matmul.allow_tf32 ? ", TF32" : "";
        Log(folder, FormattableString.Invariant(
            $"started: {model.GetName()}, {model.ParameterCount:N0} parameters, seed {seed}, ")
            + FormattableString.Invariant($"{device}{rounding}, {get_num_threads()} threads"));
        return new TrainingState();
    }

    private void Save(string folder, Tools tools, TrainingState state) => Checkpoint.Save(
        Path.Combine(folder, LastName), model.GetName(), model, tools.Optimizer.Inner, state, tools.Average);

    private bool IsPretraining(int epoch) => epoch < settings.PretrainingEpochs;

    private double LearningRate(int epoch, int batch, int batches) => IsPretraining(epoch)
        ? settings.LearningRateAt(epoch, settings.PretrainingEpochs, batch, batches)
        : settings.LearningRateAt(epoch - settings.PretrainingEpochs, settings.Epochs, batch, batches);

    private TrainingState Epoch(TrainingState state, BatchSource train, Tools tools, string folder, Meter meter,
        CancellationToken cancellation)
    {
        model.train();
        var sinceCheckpoint = Stopwatch.StartNew();
        double[] sums = state.LossSums;
        foreach (Batch batch in train.Epoch(state.Epoch, state.Batch))
        {
            using (batch)
            {
                double rate = LearningRate(state.Epoch, state.Batch, train.BatchCount);
                double[] terms = Step(batch, state.Epoch, state.Batch, rate, tools);
                tools.Average?.Update(((long)state.Epoch * train.BatchCount) + state.Batch);
                sums = [.. sums.Zip(terms, (sum, term) => sum + term)];
            }

            state = state with { Batch = state.Batch + 1, LossSums = sums };
            meter.Step(IsPretraining(state.Epoch) ? "pretrain" : "train", state, batch.Cases.Count);
            if (sinceCheckpoint.Elapsed >= CheckpointEvery || cancellation.IsCancellationRequested)
            {
                Save(folder, tools, state);
                cancellation.ThrowIfCancellationRequested();
                sinceCheckpoint.Restart();
            }
        }

        return state;
    }

    /// <summary>One step of gradient descent; the terms are total, Dice, cross entropy and cosine.</summary>
    private double[] Step(Batch batch, int epoch, int index, double rate, Tools tools)
    {
        using IDisposable pause = CollectorPause.Begin();
        using var scope = NewDisposeScope();
        Seeds.Torch(seed, "step", epoch, index);
        Tensor image = OnDevice(batch.Image), text = OnDevice(batch.Text), mask = OnDevice(batch.Mask);
        tools.Optimizer.ZeroGrad();

        double[] terms;
        if (IsPretraining(epoch))
        {
            Tensor total = model.PretrainingLoss(image, text)
                ?? throw new ArgumentException(
                    $"{model.GetName()} has no pretraining stage: set {nameof(TrainingSettings.PretrainingEpochs)} "
                        + "to 0.");
            total.backward();
            terms = [total.ToDouble(), double.NaN, double.NaN, double.NaN];
        }
        else
        {
            ModelOutput output = tools.Half?.Call(image, text) ?? model.call(image, text);
            LossTerms parts = loss.Compute(output, mask);
            parts.Total.backward();
            tools.Half?.GiveGradients();
            terms = [parts.Total.ToDouble(), parts.Dice.ToDouble(), parts.Bce.ToDouble(), parts.Cosine.ToDouble()];
        }

        if (!double.IsFinite(terms[0]))
            throw new ArithmeticException(string.Create(CultureInfo.InvariantCulture,
                $"The loss is {terms[0]} at epoch {epoch + 1}, batch {index + 1}. Lower the learning rate. The last "
                    + $"checkpoint is from before this."));
        tools.Optimizer.Step(rate, settings.GradientClip);
        tools.Half?.TakeWeights();
        return terms;

        // Beside the host's work where the device can; the batch lives until the step's loss was read.
        Tensor OnDevice(Tensor tensor) => tensor.to(device, non_blocking: true);
    }

    private TrainingState EndEpoch(TrainingState state, int batches, BatchSource validation, string folder, Meter meter,
        CancellationToken cancellation)
    {
        bool pretraining = IsPretraining(state.Epoch);
        double mean = double.NaN, pooled = double.NaN;
        if (!pretraining)
        {
            List<CaseScore> scores = Scorer.Score(
                model, validation, device, count => meter.Step("validate", state, count), cancellation).ToList();
            mean = scores.Average(s => s.Dice);
            pooled = PooledScore.Of(scores).Dice;
        }

        int epoch = state.Epoch + 1;
        double[] losses = [.. state.LossSums.Select(sum => sum / state.Batch)];
        var record = new EpochRecord(epoch, pretraining ? "pretrain" : "train",
            LearningRate(state.Epoch, batches - 1, batches), losses[0], losses[1], losses[2], losses[3], mean, pooled);
        bool better = !pretraining && !(mean <= state.BestDice);
        if (better)
            Weights.Save(
                model, Path.Combine(folder, BestName),
                new Dictionary<string, string>(Metadata)
                {
                    ["model"] = model.GetName(),
                    ["epoch"] = epoch.ToString(CultureInfo.InvariantCulture),
                    ["val_mean_dice"] = mean.ToString("R", CultureInfo.InvariantCulture),
                });

        int bestEpoch = better ? epoch : state.BestEpoch;
        bool lastEpoch = epoch == settings.PretrainingEpochs + settings.Epochs;
        bool early = !pretraining && epoch - Math.Max(bestEpoch, settings.PretrainingEpochs) >= settings.EarlyStop;
        var next = new TrainingState
        {
            Epoch = epoch,
            History = [.. state.History, record],
            BestDice = better ? mean : state.BestDice,
            BestEpoch = bestEpoch,
            Finished = lastEpoch || early,
        };
        HistoryFile.Write(Path.Combine(folder, HistoryName), next.History);
        Log(folder, string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch} {record.Stage}: loss {record.Loss:0.00000}, val mean Dice {mean:0.0000}, pooled "
            + $"{pooled:0.0000}{(better ? ", best" : "")}{(early ? ", early stop" : "")}; "
            + $"{meter.Elapsed:h\\:mm\\:ss} in this session"));
        return next;
    }

    private OptimizerHelper NewOptimizer(IEnumerable<Parameter> parameters)
    {
        double rate = settings.LearningRate, decay = settings.WeightDecay;
        return settings.Optimizer switch
        {
            OptimizerKind.Adam => optim.Adam(parameters, rate, weight_decay: decay),
            OptimizerKind.AdamW => optim.AdamW(parameters, rate, weight_decay: decay),
            OptimizerKind.Sgd => optim.SGD(parameters, rate, momentum: 0.9, weight_decay: decay),
            _ => optim.SGD(parameters, rate, momentum: 0.99, weight_decay: decay, nesterov: true),
        };
    }

    private void Log(string folder, string line) =>
        File.AppendAllText(
            Path.Combine(folder, LogName),
            FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}Z {line}\n"));

    /// <summary>
    /// What trains the model: its weights in long tensors, their optimizer, and what the settings add.
    /// </summary>
    private sealed class Tools : IDisposable
    {
        private readonly Trainer trainer;
        private readonly FlatWeights weights;

        public Tools(Trainer trainer)
        {
            TrainingSettings settings = trainer.settings;
            this.trainer = trainer;
            weights = new FlatWeights(trainer.model);
            Optimizer = new FlatOptimizer(weights, trainer.NewOptimizer);
            if (settings.AverageDecay > 0)
                Average = new WeightAverage(weights, settings.AverageDecay);
            if (settings.Precision == Precision.BFloat16)
                Half = new BFloat16Copy(trainer.model, trainer.CreateCopy?.Invoke()
                    ?? throw new InvalidOperationException($"{settings.Precision} needs {nameof(CreateCopy)}."),
                    trainer.device);
        }

        public FlatOptimizer Optimizer { get; private set; }

        public WeightAverage? Average { get; }

        public BFloat16Copy? Half { get; }

        /// <summary>Begins without state: a stage's parameters need not be those of the stage before.</summary>
        public void RenewOptimizer()
        {
            Optimizer.Dispose();
            Optimizer = new FlatOptimizer(weights, trainer.NewOptimizer);
        }

        public void Dispose()
        {
            Half?.Dispose();
            Optimizer.Dispose();
            Average?.Dispose();
            weights.Dispose();
        }
    }

    /// <summary>Speed and time left.</summary>
    private sealed class Meter(
        TrainingSettings settings, BatchSource train, BatchSource validation, Action<TrainingProgress>? report)
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly int batches = train.BatchCount;
        private long images;

        public TimeSpan Elapsed => clock.Elapsed;

        public void Step(string stage, TrainingState state, int count)
        {
            images += count;
            if (report is null)
                return;
            int epochs = settings.PretrainingEpochs + settings.Epochs;
            double rate = images / clock.Elapsed.TotalSeconds;
            double left = ((epochs - state.Epoch - 1) * (double)(train.CaseCount + validation.CaseCount))
                + ((1 - ((double)state.Batch / batches)) * train.CaseCount) + validation.CaseCount;
            report(new TrainingProgress(stage, state.Epoch + 1, epochs, state.Batch, batches,
                state.LossSums[0] / Math.Max(1, state.Batch),
                state.History.LastOrDefault()?.ValMeanDice ?? double.NaN, state.BestDice, rate,
                TimeSpan.FromSeconds(Math.Min(left / rate, 1e7))));
        }
    }
}
