namespace C2FVL.Experiments;

/// <summary>How far a sweep is, all its runs together.</summary>
/// <param name="Finished">Runs that are trained and scored, those that were so before included.</param>
/// <param name="Failed">Runs that ended with an error.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Active">What is under way, a line a run.</param>
/// <param name="Epochs">Epochs done over all runs, the finished part of the current ones included.</param>
/// <param name="AllEpochs">Epochs there can be over all runs.</param>
/// <param name="TimeLeft">An estimate from the epochs of this session, were no run to stop early; null before there is
/// any.</param>
public sealed record SweepProgress(
    int Finished, int Failed, int Runs, IReadOnlyList<string> Active, double Epochs, double AllEpochs,
    TimeSpan? TimeLeft)
{
    /// <summary>Work done, in thousandths of an epoch.</summary>
    public long Done => (long)(1000 * Epochs);

    /// <summary>Work there can be, in thousandths of an epoch.</summary>
    public long Total => (long)(1000 * AllEpochs);

    public override string ToString()
    {
        string failed = Failed > 0 ? $", {Failed} failed" : "";
        string left = TimeLeft is TimeSpan time
            ? FormattableString.Invariant($"; about {(int)time.TotalHours}:{time:mm\\:ss} left")
            : "";
        return $"{Finished} of {Runs} runs{failed}{string.Concat(Active.Select(line => "; " + line))}{left}";
    }
}
