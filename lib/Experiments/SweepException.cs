namespace C2FVL.Experiments;

/// <summary>Some runs of a sweep failed; the others are finished and kept.</summary>
/// <param name="failures">The run's name and what it said last, for each.</param>
/// <param name="runs">All runs of the sweep.</param>
public sealed class SweepException(IReadOnlyList<(string Run, string Message)> failures, int runs)
    : Exception(
        $"{failures.Count} of {runs} runs failed; the others are finished. Run the sweep again for these alone.\n"
        + string.Join("\n", failures.GroupBy(failure => failure.Message).Select(Text)))
{
    /// <summary>The run's name and what it said last, for each.</summary>
    public IReadOnlyList<(string Run, string Message)> Failures { get; } = failures;

    /// <summary>What several runs said alike stands once, below their names.</summary>
    private static string Text(IGrouping<string, (string Run, string Message)> alike) =>
        $"{string.Join(",\n", alike.Select(failure => failure.Run))}: {alike.Key}";
}
