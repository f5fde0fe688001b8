using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using C2FVL.Platform;

namespace C2FVL.Training;

/// <summary>
/// How a model is trained. The defaults are the authors' (paper section 4.1 and their released code).
/// </summary>
public sealed record TrainingSettings
{
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>The learning rate at the start of a cycle, above 0. The default value is 1e-3.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Weight decay, 0 or more. The default value is 0.</summary>
    public double WeightDecay { get; init; }

    public ScheduleKind Schedule { get; init; } = ScheduleKind.CosineWarmRestarts;

    /// <summary>The length of a cosine cycle in epochs, at least 1. The default value is 10.</summary>
    public int RestartPeriod { get; init; } = 10;

    /// <summary>The learning rate that a cosine cycle falls to. The default value is 1e-4.</summary>
    public double FloorLearningRate { get; init; } = 1e-4;

    /// <summary>
    /// Whether the rate moves at every step; otherwise it stays for an epoch, as the authors'. The default value is
    /// false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ScheduleByStep { get; init; }

    /// <summary>
    /// The rate rises from near 0 to the schedule's over so many epochs, step by step; 0 or more. The default value is
    /// 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double WarmupEpochs { get; init; }

    /// <summary>
    /// How much of the moving average of the weights each step keeps, 0 to below 1, such as 0.999; the average is what
    /// is validated, kept and tested. 0 takes the weights themselves. The default value is 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double AverageDecay { get; init; }

    /// <summary>
    /// The numbers that a training step computes in. bfloat16 pays on a processor that multiplies it (AVX512-BF16, AMX)
    /// and on a GPU. Not written where 32 bits.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Precision Precision { get; init; }

    /// <summary>
    /// The largest L2 norm of all gradients together; larger ones are scaled down; null for no limit. nnU-Net's is 12.
    /// </summary>
    public double? GradientClip { get; init; }

    /// <summary>Images per step, at least 1. The default value is 4.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Epochs at most, at least 1. The default value is 2000.</summary>
    public int Epochs { get; init; } = 2000;

    /// <summary>
    /// Epochs of the model's own pretraining before that (GLoRIA), 0 or more. The default value is 0.
    /// </summary>
    public int PretrainingEpochs { get; init; }

    /// <summary>
    /// Stop after so many epochs without a better validation Dice, at least 1. The default value is 50.
    /// </summary>
    public int EarlyStop { get; init; } = 50;

    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public void Validate()
    {
        Require(LearningRate > 0, LearningRate, "above 0");
        Require(WeightDecay >= 0, WeightDecay, "0 or more");
        Require(RestartPeriod >= 1, RestartPeriod, "at least 1");
        Require(
            FloorLearningRate >= 0 && FloorLearningRate <= LearningRate || Schedule != ScheduleKind.CosineWarmRestarts,
            FloorLearningRate, "between 0 and the learning rate");
        Require(WarmupEpochs >= 0, WarmupEpochs, "0 or more");
        Require(AverageDecay is >= 0 and < 1, AverageDecay, "from 0 to below 1");
        Require(GradientClip is null or > 0, GradientClip ?? 0, "above 0", nameof(GradientClip));
        Require(BatchSize >= 1, BatchSize, "at least 1");
        Require(Epochs >= 1, Epochs, "at least 1");
        Require(PretrainingEpochs >= 0, PretrainingEpochs, "0 or more");
        Require(EarlyStop >= 1, EarlyStop, "at least 1");
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="epoch">The epoch, counted from 0 in its stage.</param>
    /// <param name="epochs">The stage's number of epochs, which the polynomial schedule falls over.</param>
    /// <param name="batch">The epoch's step, counted from 0. It counts with <see cref="ScheduleByStep"/> and in the
    /// warm-up.</param>
    /// <param name="batches">The epoch's number of steps.</param>
    /// <remarks>
    /// Cosine: floor + (rate - floor) (1 + cos(pi (epoch mod T0) / T0)) / 2, Loshchilov and Hutter, SGDR, Eq. 5.
    /// </remarks>
    public double LearningRateAt(int epoch, int epochs, int batch = 0, int batches = 1)
    {
        double time = ScheduleByStep ? epoch + ((double)batch / batches) : epoch;
        double rate = Schedule switch
        {
            ScheduleKind.CosineWarmRestarts => FloorLearningRate + (0.5 * (LearningRate - FloorLearningRate)
                * (1 + Math.Cos(Math.PI * (time % RestartPeriod) / RestartPeriod))),
            ScheduleKind.Polynomial => LearningRate * Math.Pow(1 - (time / epochs), 0.9),
            _ => LearningRate,
        };
        double warm = epoch + ((batch + 1.0) / batches);
        return warm < WarmupEpochs ? rate * warm / WarmupEpochs : rate;
    }

    private static void Require(
        bool holds, double value, string range, [CallerArgumentExpression(nameof(value))] string name = "") =>
        SettingRange.Require(holds && double.IsFinite(value), value, range, name);
}

/// <summary>The optimizers that the ten methods use.</summary>
public enum OptimizerKind
{
    /// <summary>Adam, the paper's.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>SGD with Nesterov momentum 0.99, nnU-Net's.</summary>
    NesterovSgd,

    /// <summary>SGD with momentum 0.9, TransUNet's and Swin-Unet's.</summary>
    Sgd,
}

/// <summary>How the learning rate moves from epoch to epoch.</summary>
public enum ScheduleKind
{
    /// <summary>Cosine annealing with warm restarts (SGDR), the authors'.</summary>
    CosineWarmRestarts,

    /// <summary>(1 - epoch / epochs) to the power 0.9, nnU-Net's.</summary>
    Polynomial,

    Constant,
}
