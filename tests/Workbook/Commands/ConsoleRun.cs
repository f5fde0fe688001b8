using System.CommandLine;
using C2FVL.Workbook.Commands;
using Spectre.Console;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>Runs one command of the console as a user would, and keeps what it says.</summary>
internal static class ConsoleRun
{
    // The console's streams are the process's, so one command at a time has them.
    private static readonly SemaphoreSlim Turn = new(1);

    /// <param name="command">The command.</param>
    /// <param name="arguments">What a user types behind its name.</param>
    /// <returns>The exit code, and what went to both streams, with \n at the ends of lines.</returns>
    public static async Task<(int Code, string Said)> Of(Command command, params string[] arguments)
    {
        var said = new StringWriter();
        return (await Run(command, arguments, said, said), said.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>The same with the two streams apart.</summary>
    public static async Task<(int Code, string Output, string Errors)> Streams(
        Command command, params string[] arguments)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int code = await Run(command, arguments, output, errors);
        return (code, output.ToString().ReplaceLineEndings("\n"), errors.ToString().ReplaceLineEndings("\n"));
    }

    private static async Task<int> Run(
        Command command, string[] arguments, StringWriter said, StringWriter saidOfErrors)
    {
        await Turn.WaitAsync();
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        IAnsiConsole tables = AnsiConsole.Console; // made here at the latest, for it keeps the writer that it is made with
        Console.SetOut(said);
        Console.SetError(saidOfErrors);
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said), Ansi = AnsiSupport.No });
        try
        {
            return await CommandRunner.Run(new RootCommand { command }, [command.Name, .. arguments]);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            AnsiConsole.Console = tables;
            Turn.Release();
        }
    }
}
