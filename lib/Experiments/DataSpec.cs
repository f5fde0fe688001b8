using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Phantoms;

namespace C2FVL.Experiments;

/// <summary>Which cases a run trains, validates and tests on.</summary>
public sealed record DataSpec : DatasetSettings
{
    /// <summary>
    /// A real set by its folder's name (see <see cref="DataSets"/>), the path of any folder that
    /// <see cref="DatasetReader"/> reads, or drawn phantoms (see <see cref="PhantomSettings.Named"/>).
    /// </summary>
    public required string Set { get; init; }

    /// <summary>How the cases are split.</summary>
    public SplitKind Split { get; init; } = SplitKind.AsGiven;

    /// <summary>The seed of the split and of the lists below. The default value is 666, the authors'.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>So many training cases by a fixed seeded list; null for all.</summary>
    public int? Train { get; init; }

    /// <summary>So many validation cases by a fixed seeded list; null for all.</summary>
    public int? Val { get; init; }

    /// <summary>So many test cases by a fixed seeded list; null for all.</summary>
    public int? Test { get; init; }

    /// <summary>How a mask is brought to the network's size.</summary>
    public MaskRule MaskRule { get; init; } = MaskRule.AreaHalf;

    /// <summary>
    /// Whether every case's report is written from its mask by <see cref="MaskReporter"/>, whatever sheets the folder
    /// holds. The default value is false: reports are those of the sheets.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReportsFromMasks { get; init; }

    /// <summary>A split in the format that a run saves, used instead of <see cref="Split"/>; null for none.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? SplitFile { get; init; }

    /// <summary>The number of folds of a cross-validation, see <see cref="Data.Split.Fold"/>; null for none.</summary>
    [JsonPropertyOrder(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? Folds { get; init; }

    /// <summary>Which of the <see cref="Folds"/> this is, from 1.</summary>
    [JsonPropertyOrder(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? Fold { get; init; }

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Set))
            throw new ArgumentException("Data.Set is empty; write the name of a data set, or the path of its folder.");
        if ((Folds is null) != (Fold is null))
            throw new ArgumentException("Data has one of Folds and Fold; write both, or neither.");
        if (Folds is < 2)
            throw new ArgumentException($"Data.Folds is {Folds}; it must be at least 2.");
        if (Fold < 1 || Fold > Folds)
            throw new ArgumentException($"Data.Fold is {Fold}; it must be from 1 to {Folds}.");
    }

    /// <summary>Whether the library draws the images.</summary>
    [JsonIgnore]
    internal bool IsPhantom => PhantomSettings.Named.ContainsKey(Set);

    /// <summary>The set's name: the last step of its path.</summary>
    [JsonIgnore]
    internal string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Set));
}

/// <summary>How a run's cases are split.</summary>
public enum SplitKind
{
    /// <summary>
    /// As the folder itself gives it: on QaTa-COV19 the authors' training, validation and test folders.
    /// </summary>
    AsGiven,

    /// <summary>The paper's 4:1 of QaTa's training cases, seeded; the test cases as given.</summary>
    QaTa4To1,

    /// <summary>The same, no patient in two parts.</summary>
    QaTa4To1ByPatient,

    /// <summary>The paper's 8:1:1 of each of MosMedData+'s four file-name prefixes, seeded.</summary>
    MosMed8To1To1,

    /// <summary>The same, no study in two parts.</summary>
    MosMed8To1To1ByPatient,

    /// <summary>8:1:1 of any set, seeded, no patient in two parts.</summary>
    EightOneOneByPatient,

    /// <summary>8:1:1 of any set, seeded, image by image: images of one patient may be in two sets.</summary>
    EightOneOne,
}
