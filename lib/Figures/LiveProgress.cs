using System.Diagnostics;

namespace C2FVL.Figures;

/// <summary>
/// Progress shown in a cell while it runs. The cell displays <see cref="Current"/> and hands over the display's
/// updater: <c>var live = new LiveProgress("Training"); var shown = display(live.Current); live.OnChange = shown.Update;</c>
/// </summary>
public sealed class LiveProgress(string title)
{
    private readonly Lock gate = new();
    private long lastShown;

    /// <summary>The least time between two updates; an update within it is dropped unless it is the last one.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the latest figure goes.</summary>
    public Action<object>? OnChange { get; set; }

    /// <summary>The progress as it stands.</summary>
    public ProgressFigure Current { get; private set; } = new(title);

    /// <summary>Tells how far the work is; may be called from any thread, and often.</summary>
    /// <param name="done">Steps done, 0 to <paramref name="total"/>.</param>
    /// <param name="total">Steps in all, above 0.</param>
    /// <param name="message">Words beside the bar.</param>
    public void Report(long done, long total, string message = "")
    {
        lock (gate)
        {
            Current = Current with { Fraction = (double)done / total, Message = message };
            if (done < total && lastShown != 0 && Stopwatch.GetElapsedTime(lastShown) < Interval)
                return;
            lastShown = Stopwatch.GetTimestamp();
            OnChange?.Invoke(Current);
        }
    }
}
