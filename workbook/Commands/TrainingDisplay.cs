using C2FVL.Training;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Shows a training's progress: a live line in a terminal; elsewhere a line at each epoch and at least every 15 seconds.</summary>
internal static class TrainingDisplay
{
    public static T Show<T>(Func<Action<TrainingProgress>, T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            using var lines = new PipedLines("preparing", Console.Out);
            (int, string) last = default;
            return train(progress =>
            {
                bool isNews = last != (progress.Epoch, progress.Stage);
                last = (progress.Epoch, progress.Stage);
                lines.Report(progress.ToString(), isNews);
            });
        }

        return AnsiConsole.Status().Spinner(Spinner.Known.Dots).Start("preparing", status =>
            train(progress => status.Status(Markup.Escape(progress.ToString()))));
    }
}
