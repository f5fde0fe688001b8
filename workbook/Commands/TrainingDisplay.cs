using C2FVL.Training;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Shows a training's progress: a live line in a terminal, a line a minute and an epoch elsewhere.</summary>
internal static class TrainingDisplay
{
    public static T Show<T>(Func<Action<TrainingProgress>, T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return train(Lines());

        return AnsiConsole.Status().Spinner(Spinner.Known.Dots).Start("starting", status =>
            train(progress => status.Status(Markup.Escape(progress.ToString()))));
    }

    private static Action<TrainingProgress> Lines()
    {
        DateTime next = DateTime.MinValue;
        (int, string) last = default;
        return progress =>
        {
            if (DateTime.UtcNow < next && last == (progress.Epoch, progress.Stage))
                return;
            last = (progress.Epoch, progress.Stage);
            next = DateTime.UtcNow.AddMinutes(1);
            Console.WriteLine(progress);
        };
    }
}
