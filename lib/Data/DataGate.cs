using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>
/// The one way by which data reach training, scoring and CAMs. It reads every file of a split's cases before the first
/// step, as training will. It refuses what would end a run later, and takes the digest of what it lets through.
/// </summary>
public sealed record DataGate
{
    private const int MostNamed = 5;

    /// <summary>What was let through.</summary>
    public required DataDigest Digest { get; init; }

    /// <summary>The training, validation and test set.</summary>
    public required IReadOnlyList<SetCounts> Sets { get; init; }

    /// <summary>X-ray or CT, as the data set was read; both where it is mixed.</summary>
    public required IReadOnlyList<ImageKind> Kinds { get; init; }

    /// <summary>What the user should know of the masks, although nothing is refused.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Looks at all cases of a split, on all cores.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their sets.</param>
    /// <param name="progress">Called from the threads that work.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">A file cannot be used; the message names it, the cause and the
    /// cure.</exception>
    public static DataGate Check(Dataset dataset, Split split, IProgress<DatasetCheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Case[] cases = [.. split.Placed(dataset).Select(placed => placed.Case)];
        IReadOnlyList<CaseLook> looks = CaseLook.All(cases, progress, cancellation, forGate: true);
        Refuse(dataset, [.. looks.SelectMany(look => look.Case.MaskPath is not null ? look.Faults.Take(1)
            : [new DataFault(look.Case.ImagePath, null, "It has no mask.",
                "Add its mask, or take the case out of the split.")])]);

        (DataFault? fault, IReadOnlyList<string> notes) = LesionValues.Check(dataset, split, looks);
        if (fault is not null)
            throw fault.AsException();
        Dictionary<string, CaseLook> known = looks.ToDictionary(look => look.Case.Id);
        string[][] shared = [.. split.Placed(dataset).GroupBy(placed => known[placed.Case.Id].Image!.Digest)
            .Where(same => same.Select(placed => placed.Part).Distinct().Count() > 1)
            .Select(same => same.Select(placed => placed.Case.Id).Order(StringComparer.Ordinal).ToArray())];
        return new DataGate
        {
            Digest = DataDigest.From(
                dataset, split, item => known[item.Id].Image!.Digest, item => known[item.Id].Mask!.Digest),
            Sets = [.. Enum.GetValues<Part>().Select(part => SetCounts.From(part, split.Cases(dataset, part)))],
            Kinds = [.. cases.Select(c => c.Kind).Distinct().Order()],
            Notes = shared.Length == 0 ? notes : [.. notes,
                $"{CountedAre(shared.Length, "image")} in more than one set, byte for byte (such as "
                    + $"{shared[0][0]} and {shared[0][^1]}), so scores are too optimistic. Keep each image "
                    + "in one set."],
        };
    }

    private static void Refuse(Dataset dataset, DataFault[] faults)
    {
        if (faults.Length == 0)
            return;
        string rest = faults.Length > MostNamed
            ? $"\n  and {faults.Length - MostNamed} more; 'workbook check-data' lists all." : "";
        throw faults.Length == 1 ? faults[0].AsException() : new InvalidDataException(
            $"{dataset.Root}: {faults.Length} cases cannot be used:\n  "
                + $"{string.Join("\n  ", faults.Take(MostNamed))}{rest}");
    }
}
