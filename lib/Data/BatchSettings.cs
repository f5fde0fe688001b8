namespace C2FVL.Data;

/// <summary>How cases become batches.</summary>
public sealed record BatchSettings
{
    /// <summary>Cases a batch, at least 1. The default is 4. An epoch's last batch may be smaller; none is dropped.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>The run's seed, from which order, augmentation and text controls are derived. The default is 666, the authors'.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>Whether each epoch has its own order; otherwise it is the order of the list. The default is true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>How pictures are varied. The default is <see cref="Augmentation.TextConsistent"/>.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.TextConsistent;

    /// <summary>Which report a case gets. The default is its own.</summary>
    public TextMode Text { get; init; } = TextMode.Correct;

    /// <summary>The chance, 0 to 1, that a case's report is missing in an epoch. The default is 0.</summary>
    public double TextDropout { get; init; }

    /// <summary>Batches made at a time, each by one thread, at least 1. The default is 2. Changes no result.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>
    /// Batches made or being made before they are asked for, at least 1; no more workers than this are busy.
    /// The default is 4. Changes no result.
    /// </summary>
    public int Ahead { get; init; } = 4;

    /// <summary>
    /// Memory for decoded cases that later epochs take instead of their files, in bytes; 0 for none. The default is
    /// 2 GiB, which holds some 6,800 cases at 224 x 224. Full, it keeps what it has and takes no more. Changes no result.
    /// </summary>
    public long CacheLimitBytes { get; init; } = 2L << 30;

    /// <summary>
    /// Cases a batch where no gradient is wanted, whatever the training's batch: 8. It changes no score beyond rounding.
    /// </summary>
    public const int ScoringBatch = 8;

    /// <summary>Settings for validation and testing: the order of the list, no augmentation.</summary>
    public static BatchSettings ForScoring(int batchSize = ScoringBatch) =>
        new() { BatchSize = batchSize, Shuffle = false, Augmentation = Augmentation.None };

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate()
    {
        if (BatchSize < 1)
            throw new ArgumentException($"BatchSize is {BatchSize}; it must be at least 1.");
        if (Workers < 1)
            throw new ArgumentException($"Workers is {Workers}; it must be at least 1.");
        if (Ahead < 1)
            throw new ArgumentException($"Ahead is {Ahead}; it must be at least 1.");
        if (CacheLimitBytes < 0)
            throw new ArgumentException($"CacheLimitBytes is {CacheLimitBytes}; it must be 0 or more.");
        if (!(TextDropout >= 0 && TextDropout <= 1))
            throw new ArgumentException(FormattableString.Invariant($"A chance lies between 0 and 1, not {TextDropout}."));
    }
}
