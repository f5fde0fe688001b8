using System.Diagnostics;
using C2FVL.Data;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Shows how many cases are done: a bar in a terminal, lines elsewhere. It goes to the error stream, beside a command's result.</summary>
internal static class CaseProgress
{
    /// <param name="what">What is done with the cases, such as "checking the files".</param>
    /// <param name="work">Works, and reports cases done and their total.</param>
    public static T Show<T>(string what, Func<IProgress<DatasetCheckProgress>, T> work)
    {
        var left = new TimeLeft();
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            using var lines = new PipedLines(what, Console.Error);
            return work(new Forward(p =>
                lines.Report($"{what}: {p.Done} of {p.Total} cases{left.Of(p.Done, p.Total)}", isNews: false)));
        }

        return AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask(what);
            return work(new Forward(p =>
            {
                (task.MaxValue, task.Value) = (p.Total, p.Done);
                task.Description = what + left.Of(p.Done, p.Total);
            }));
        });
    }

    /// <summary>The time that the rest takes at the rate so far, once two seconds show it.</summary>
    private sealed class TimeLeft
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private int before = -1;

        public string Of(int done, int total)
        {
            if (before < 0)
                before = done; // of an earlier start, or the first batch
            double seconds = clock.Elapsed.TotalSeconds;
            if (seconds < 2 || done <= before)
                return "";
            var left = TimeSpan.FromSeconds(seconds * (total - done) / (done - before));
            return $", {left:h\\:mm\\:ss} left";
        }
    }

    /// <summary>Reports at once, on the thread that works; <see cref="Progress{T}"/> would queue.</summary>
    private sealed class Forward(Action<DatasetCheckProgress> report) : IProgress<DatasetCheckProgress>
    {
        public void Report(DatasetCheckProgress value) => report(value);
    }
}
