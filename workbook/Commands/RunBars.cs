using System.Collections.Concurrent;
using C2FVL.Workbook.Notebooks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace C2FVL.Workbook.Commands;

/// <summary>A bar a notebook, with the time it took and the time left, in a terminal.</summary>
internal sealed class RunBars : IRunDisplay
{
    private readonly Dictionary<string, ProgressTask> bars;
    private readonly ProgressTask whole;
    private readonly ConcurrentDictionary<int, string> words;

    private RunBars(ProgressContext context, IEnumerable<(string Notebook, int Cells)> plan, ConcurrentDictionary<int, string> words)
    {
        this.words = words;
        bars = plan.ToDictionary(p => p.Notebook, p => context.AddTask(Markup.Escape(p.Notebook), autoStart: false, maxValue: Math.Max(1, p.Cells)));
        whole = context.AddTask("time left", autoStart: true, maxValue: bars.Values.Sum(bar => bar.MaxValue));
    }

    /// <summary>Shows the bars while <paramref name="run"/> runs.</summary>
    public static Task<T> Show<T>(IAnsiConsole console, IEnumerable<(string Notebook, int Cells)> plan, Func<IRunDisplay, Task<T>> run)
    {
        var words = new ConcurrentDictionary<int, string>();
        return console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new WordsColumn(words), new ElapsedTimeColumn())
            .StartAsync(context => run(new RunBars(context, plan, words)));
    }

    public void CellStarts(string notebook, int cell, int cells, TimeSpan? left)
    {
        ProgressTask bar = bars[notebook];
        if (!bar.IsStarted)
            bar.StartTask();
        bar.Value = cell - 1;
        words[bar.Id] = $"cell {cell}/{cells}";
        whole.Value = bars.Values.Sum(b => b.Value);
        words[whole.Id] = left is TimeSpan time ? "about " + LineDisplay.Clock(time) : "";
    }

    public void NotebookEnds(string notebook, TimeSpan took, CellFault? fault)
    {
        ProgressTask bar = bars[notebook];
        if (!bar.IsStarted)
            bar.StartTask();
        if (fault is null)
            bar.Value = bar.MaxValue;
        words[bar.Id] = fault is null ? "done" : $"stopped at cell {fault.Cell}";
        bar.StopTask();
        whole.Value = bars.Values.Sum(b => b.Value);
        if (bars.Values.All(b => b.IsFinished))
        {
            words[whole.Id] = "";
            whole.StopTask();
        }
    }

    /// <summary>What the display says beside each bar.</summary>
    private sealed class WordsColumn(ConcurrentDictionary<int, string> words) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(words.GetValueOrDefault(task.Id, "")).RightJustified();

        public override int? GetColumnWidth(RenderOptions options) => 18;
    }
}
