using System.CommandLine;
using System.CommandLine.Invocation;
using C2FVL.Experiments;
using C2FVL.Workbook.Sweeps;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>Runs a command and turns what goes wrong into one readable message and an exit code.</summary>
internal static class CommandRunner
{
    private const int Failed = 1, Cancelled = 130;

    // A full-size training step on a CPU takes seconds, and a checkpoint is written after it.
    private static readonly TimeSpan ToEndWell = TimeSpan.FromMinutes(1);

    public static async Task<int> Run(RootCommand root, string[] args)
    {
        OptionParsers.SetAll(root);
        ParseResult parsed = root.Parse(args);
        if (EmptyValue(args) is string empty)
        {
            Console.Error.WriteLine("error: " + empty);
            return Failed;
        }

        if (parsed.Action is ParseErrorAction)
        {
            foreach (string error in parsed.Errors.Select(e => e.Message).Distinct())
                Console.Error.WriteLine("error: " + error);
            return Failed;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = ToEndWell });
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled. Finished work is kept; repeat the command to resume.");
            return Cancelled;
        }
        catch (RunLockedException e)
        {
            Console.Error.WriteLine(e.Message);
            return TrainProcess.LockedExitCode;
        }
        catch (Exception e) when (IsExpected(e))
        {
            AnsiConsole.Console.Profile.Out.Writer.Flush();
            Console.Error.WriteLine("error: " + e.Message);
            return Failed;
        }
    }

    /// <summary>An empty value, which a script's unset variable leaves, names nothing.</summary>
    private static string? EmptyValue(string[] args)
    {
        int at = Array.FindIndex(args, arg =>
            arg.Length == 0 || (arg.StartsWith("--", StringComparison.Ordinal) && arg.EndsWith('=')));
        if (at < 0)
            return null;
        string name = args[at].TrimEnd('=');
        if (name.Length == 0 && at > 0 && args[at - 1].StartsWith('-'))
            name = args[at - 1];
        return name.Length == 0
            ? $"Argument {at + 1} is empty. Give it a value, or leave it out."
            : $"{name} is empty. Give it a value, or leave the option out.";
    }

    /// <summary>Whether an exception's message says all that a user needs.</summary>
    public static bool IsExpected(Exception e) =>
        e is IOException or InvalidDataException or ArgumentException or FormatException or ArithmeticException or DllNotFoundException or UnauthorizedAccessException;
}
