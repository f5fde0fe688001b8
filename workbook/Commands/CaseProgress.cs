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
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            using var lines = new PipedLines(what, Console.Error);
            return work(new Forward(p => lines.Report($"{what}: {p.Done} of {p.Total} cases", isNews: false)));
        }

        return AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask(what);
            return work(new Forward(p => (task.MaxValue, task.Value) = (p.Total, p.Done)));
        });
    }

    /// <summary>Reports at once, on the thread that works; <see cref="Progress{T}"/> would queue.</summary>
    private sealed class Forward(Action<DatasetCheckProgress> report) : IProgress<DatasetCheckProgress>
    {
        public void Report(DatasetCheckProgress value) => report(value);
    }
}
