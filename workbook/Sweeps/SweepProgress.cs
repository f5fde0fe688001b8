namespace C2FVL.Workbook.Sweeps;

/// <summary>The progress of a sweep, all its runs together.</summary>
/// <param name="Finished">Runs that are trained and scored, including those that were finished before.</param>
/// <param name="Failed">Runs that ended with an error.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Active">The runs in progress, one line per run.</param>
/// <param name="Epochs">Epochs done over all runs, including the finished part of the current ones.</param>
/// <param name="AllEpochs">The largest number of epochs over all runs.</param>
/// <param name="TimeLeft">An estimate from the epochs of this session, without early stopping; null before the first
/// epoch.</param>
internal sealed record SweepProgress(
    int Finished, int Failed, int Runs, IReadOnlyList<string> Active, double Epochs, double AllEpochs,
    TimeSpan? TimeLeft)
{
    /// <summary>Work done, in thousandths of an epoch.</summary>
    public long Done => (long)(1000 * Epochs);

    /// <summary>All work, in thousandths of an epoch.</summary>
    public long Total => (long)(1000 * AllEpochs);

    /// <summary>The time that epochs take at the present speed; null before the first epoch.</summary>
    public static TimeSpan? Left(double trained, double left, TimeSpan elapsed) =>
        trained > 0 && left > 0 ? TimeSpan.FromSeconds(Math.Min(left * elapsed.TotalSeconds / trained, 1e7)) : null;

    public override string ToString() => string.Join("; ", [
        $"{Finished} of {Runs} runs{(Failed > 0 ? $", {Failed} failed" : "")}", .. Active,
        .. TimeLeft is TimeSpan time ? [$"about {(int)time.TotalHours}:{time:mm\\:ss} left"] : (string[])[]]);
}
