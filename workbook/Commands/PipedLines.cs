using System.Diagnostics;

namespace C2FVL.Workbook.Commands;

/// <summary>Says how far the work is where nobody sees a live line: at each news, and at least every 15 seconds.</summary>
internal sealed class PipedLines : IDisposable
{
    private readonly TextWriter output;
    private readonly TimeSpan every;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private readonly Stopwatch sinceLine = Stopwatch.StartNew(), sinceChange = Stopwatch.StartNew();
    private string latest;

    /// <param name="first">What is under way before the first report.</param>
    /// <param name="output">Where lines go.</param>
    /// <param name="every">The longest silence; null for a little under 15 seconds.</param>
    public PipedLines(string first, TextWriter output, TimeSpan? every = null)
    {
        latest = first;
        this.output = output;
        this.every = every ?? TimeSpan.FromSeconds(14);
        TimeSpan look = TimeSpan.FromMilliseconds(Math.Min(500, this.every.TotalMilliseconds / 4));
        timer = new Timer(_ => Look(), null, look, look);
    }

    /// <summary>Takes where the work stands.</summary>
    /// <param name="line">One line.</param>
    /// <param name="isNews">Whether it is written at once.</param>
    public void Report(string line, bool isNews)
    {
        lock (gate)
        {
            latest = line;
            sinceChange.Restart();
            if (isNews || sinceLine.Elapsed >= every)
                Write(line);
        }
    }

    public void Dispose()
    {
        lock (gate)
            timer.Dispose();
    }

    /// <summary>A step may be longer than the silence: the last line comes again, with the time since.</summary>
    private void Look()
    {
        lock (gate)
        {
            if (sinceLine.Elapsed >= every)
                Write(FormattableString.Invariant($"{latest} ({sinceChange.Elapsed.TotalSeconds:0} s ago)"));
        }
    }

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
        sinceLine.Restart();
    }
}
