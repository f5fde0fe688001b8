using System.Text.Json;
using C2FVL.Platform;

namespace C2FVL.Training;

/// <summary>
/// The state of a training between two steps: with the weights and the optimiser's state, all that a resume needs.
/// </summary>
public sealed record TrainingState
{
    /// <summary>The epoch under way, counted from 0 over both stages.</summary>
    public int Epoch { get; init; }

    /// <summary>The next batch of it, counted from 0.</summary>
    public int Batch { get; init; }

    /// <summary>Sums over the epoch's batches so far: total loss, Dice, cross entropy, cosine.</summary>
    public double[] LossSums { get; init; } = new double[4];

    /// <summary>The finished epochs.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The best validation mean Dice; NaN before the first validation.</summary>
    public double BestDice { get; init; } = double.NaN;

    /// <summary>Its epoch, counted from 1; 0 before the first.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Whether training has ended, by its last epoch or early.</summary>
    public bool Finished { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, JsonFormat.Line);

    /// <exception cref="InvalidDataException">It is no state of a training.</exception>
    public static TrainingState FromJson(string json) =>
        JsonSerializer.Deserialize<TrainingState>(json, JsonFormat.Line)
            is { Epoch: >= 0, Batch: >= 0, LossSums.Length: 4, History: not null } state
            ? state
            : throw new InvalidDataException("a count is negative or a list is missing");
}

/// <summary>How far a training is; reported after every step.</summary>
/// <param name="Stage">"pretrain", "train", "validate" or "test".</param>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Epochs">The most there can be.</param>
/// <param name="Batch">Batches done in this epoch.</param>
/// <param name="Batches">Batches in this epoch.</param>
/// <param name="Loss">The epoch's mean loss so far.</param>
/// <param name="LastDice">Mean Dice of the last validation; NaN before the first.</param>
/// <param name="BestDice">The best mean Dice so far; NaN before the first.</param>
/// <param name="ImagesPerSecond">Images a second since this session began, training and validation together.</param>
/// <param name="TimeLeft">An estimate for all epochs, were none to stop early.</param>
public sealed record TrainingProgress(string Stage, int Epoch, int Epochs, int Batch, int Batches, double Loss,
    double LastDice, double BestDice, double ImagesPerSecond, TimeSpan TimeLeft)
{
    /// <summary>Steps done over all epochs.</summary>
    public long Done => ((Epoch - 1L) * Batches) + Batch;

    /// <summary>Steps there can be over all epochs.</summary>
    public long Total => (long)Epochs * Batches;

    /// <summary>The stage in which the best weights are tested; batches are then cases.</summary>
    public const string Test = "test";

    public override string ToString()
    {
        string epoch = Stage == Test ? "" : FormattableString.Invariant($"epoch {Epoch}/{Epochs} ");
        string best = double.IsNaN(BestDice) ? "" : FormattableString.Invariant($" (best {BestDice:0.0000})");
        return FormattableString.Invariant(
            $"{epoch}{Stage} {Batch}/{Batches}{Number("loss", Loss)}{Number("Dice", LastDice)}{best}")
            + FormattableString.Invariant($"  {ImagesPerSecond:0.0} images/s  {TimeLeft:h\\:mm\\:ss} left");
    }

    /// <summary>Nothing where there is no number yet.</summary>
    private static string Number(string name, double value) =>
        double.IsNaN(value) ? "" : FormattableString.Invariant($"  {name} {value:0.0000}");
}
