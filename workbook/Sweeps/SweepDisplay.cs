using C2FVL.Experiments;
using C2FVL.Workbook.Commands;
using Spectre.Console;

namespace C2FVL.Workbook.Sweeps;

/// <summary>Shows a sweep's progress: a bar in a terminal, a line at each finished run and at least every 15 seconds elsewhere.</summary>
internal static class SweepDisplay
{
    public static T Show<T>(Func<Action<SweepProgress>, T> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            using var lines = new PipedLines("starting", Console.Out);
            (int, int) last = default;
            return run(progress =>
            {
                bool isNews = last != (progress.Finished, progress.Failed);
                last = (progress.Finished, progress.Failed);
                lines.Report(progress.ToString(), isNews);
            });
        }

        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask bar = context.AddTask("starting");
                return run(progress =>
                {
                    bar.MaxValue = progress.Total;
                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape(progress.ToString());
                });
            });
    }
}
