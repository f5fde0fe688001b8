using C2FVL.Experiments;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Shows a sweep's progress: a bar in a terminal, a line a minute and a finished run elsewhere.</summary>
internal static class SweepDisplay
{
    public static T Show<T>(Func<Action<SweepProgress>, T> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return run(Lines());

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

    private static Action<SweepProgress> Lines()
    {
        DateTime next = DateTime.MinValue;
        (int, int) last = default;
        return progress =>
        {
            if (DateTime.UtcNow < next && last == (progress.Finished, progress.Failed))
                return;
            last = (progress.Finished, progress.Failed);
            next = DateTime.UtcNow.AddMinutes(1);
            Console.WriteLine(progress);
        };
    }
}
