using System.Text.Json;
using System.Text.Json.Serialization;

namespace C2FVL.Training;

/// <summary>Where a training stands between two steps: with the weights and the optimiser's state, all that a resume needs.</summary>
public sealed record TrainingState
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

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

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static TrainingState FromJson(string json) =>
        JsonSerializer.Deserialize<TrainingState>(json, Json) ?? throw new InvalidDataException("The checkpoint's training state is empty.");
}
