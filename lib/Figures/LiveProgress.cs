using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using C2FVL.Platform;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using static System.Net.WebUtility;

namespace C2FVL.Figures;

/// <summary>
/// Progress that shows itself as one bar below the notebook cell that runs; nowhere without a notebook.
/// </summary>
public sealed class LiveProgress
{
    private static readonly ConditionalWeakTable<KernelInvocationContext, DisplayedValue> Bars = [];

    private readonly Lock gate = new();
    private readonly Action<ProgressFigure> show;
    private long lastShown;

    /// <param name="title">What is under way.</param>
    /// <param name="show">Where the latest figure goes; null for the running cell.</param>
    public LiveProgress(string title, Action<ProgressFigure>? show = null)
    {
        Current = new ProgressFigure(title);
        // The cell is the one that makes this object; reports may come from threads that belong to no cell.
        this.show = show ?? (NotebookCell.HasKernel ? BelowTheCell() : null) ?? (_ => { });
    }

    /// <summary>The least time between two updates; an update within it is dropped unless it is the last one.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The current progress.</summary>
    public ProgressFigure Current { get; private set; }

    /// <summary>Shows how far the work is; may be called from any thread, and often.</summary>
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
            show(Current);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Action<ProgressFigure>? BelowTheCell() =>
        KernelInvocationContext.Current is { } cell ? figure => ShowBelow(cell, figure) : null;

    /// <summary>A cell has one bar: what it does next takes the place of what it did before.</summary>
    private static void ShowBelow(KernelInvocationContext cell, ProgressFigure figure)
    {
        lock (Bars)
        {
            if (!Bars.TryGetValue(cell, out DisplayedValue? bar))
                Bars.Add(cell, cell.Display(figure));
            else
                cell.Publish(
                    new DisplayedValueUpdated(
                        figure, bar.DisplayId, cell.Command, FormattedValue.CreateManyFromObject(figure)));
        }
    }
}

/// <summary>A progress bar with words, small enough to be shown again many times a minute.</summary>
/// <param name="Title">What is under way.</param>
/// <param name="Fraction">How much is done, 0 to 1; values outside take the nearest end.</param>
/// <param name="Message">The current state.</param>
public sealed record ProgressFigure(string Title, double Fraction = 0, string Message = "") : IDisplayable
{
    private const int TextWidth = 30;

    private double Part => Fraction > 0 ? Math.Min(Fraction, 1) : 0;

    private string Percent => ((int)(100 * Part)).ToString(CultureInfo.InvariantCulture) + " %";

    public string ToHtml() =>
        $"<div><strong>{HtmlEncode(Title)}</strong> <progress max=\"1\" "
            + $"value=\"{Part.ToString("0.###", CultureInfo.InvariantCulture)}\" aria-label=\"{HtmlEncode(Title)}\" "
            + $"style=\"width:240px;vertical-align:middle\">{Percent}</progress> {Percent} "
            + $"<span>{HtmlEncode(Message)}</span></div>";

    public string ToText()
    {
        int done = (int)(TextWidth * Part);
        return $"{Title} [{new string('#', done)}{new string('.', TextWidth - done)}] {Percent} {Message}".TrimEnd();
    }
}
