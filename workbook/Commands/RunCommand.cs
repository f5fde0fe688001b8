using System.CommandLine;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Notebooks;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook run</c>, and what the workbook does without a command: runs notebooks headless.</summary>
internal static class RunCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        var notebooks = new Argument<string[]>("notebooks")
        {
            Description = "Numbers or names, such as 02 03 solutions/03, or solutions for all solutions. By default, "
                + "all notebooks and no solutions.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        notebooks.Validators.Add(result =>
        {
            foreach (string token in result.Tokens.Select(t => t.Value).Where(t => t.StartsWith('-')))
                result.AddError($"There is no option {token}. 'workbook run --help' lists the options.");
        });
        var scale = new Option<Scale>("--scale")
        {
            Description = "The preset: phantom, mini, full or paper. It replaces the one in each notebook's first "
                + "cell.",
            DefaultValueFactory = _ => Scale.Phantom,
        };
        var inPlace = new Option<bool>("--in-place")
        {
            Description = "Also store the figures in figures/PRESET and, at the phantom preset, the outputs in "
                + "notebooks/.",
        };
        var keepGoing = new Option<bool>("--keep-going") { Description = "Run the other notebooks even if one fails." };
        var command = new Command("run", "Runs notebooks headless. Writes executed notebooks, figures, tables and one "
            + "HTML page to data/out.") { notebooks, scale, inPlace, keepGoing };
        command.SetAction((parsed, cancellation) => Run(
            new RunSettings
            {
                Root = Workspace.Root,
                Select = parsed.GetValue(notebooks) ?? [],
                Scale = parsed.GetValue(scale),
                InPlace = parsed.GetValue(inPlace),
                KeepGoing = parsed.GetValue(keepGoing),
            },
            cancellation));
        return command;
    }

    /// <summary>Runs every notebook at phantom scale.</summary>
    public static Task<int> RunAll(CancellationToken cancellation) => Run(new RunSettings { Root = Workspace.Root }, cancellation);

    /// <returns>0 where every notebook ran to its end.</returns>
    internal static async Task<int> Run(RunSettings settings, TextWriter output, TextWriter error, Func<WorkbookRun, Task<RunResult>> show)
    {
        var run = new WorkbookRun(settings);
        IReadOnlyList<CellFault> refused = run.Check();
        if (refused.Count > 0)
        {
            foreach (CellFault fault in refused)
                error.WriteLine(fault);
            error.WriteLine("Nothing was run.");
            return Failed;
        }

        RunResult result = await show(run);
        List(output, "Figures", result.Figures, settings.Root);
        List(output, "Tables", result.Tables, settings.Root);
        output.WriteLine($"Page: {result.Page}");
        foreach (string why in result.LeftOut)
            error.WriteLine($"not on the page: {why}");
        foreach (CellFault fault in result.Faults)
            error.WriteLine(fault);
        return result.Faults.Count == 0 ? 0 : Failed;
    }

    private static Task<int> Run(RunSettings settings, CancellationToken cancellation)
    {
        bool isTerminal = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
        return Run(settings, Console.Out, Console.Error, run => isTerminal
            ? RunBars.Show(AnsiConsole.Console, run.Plan, display => run.Run(display, cancellation))
            : run.Run(new LineDisplay(Console.Out), cancellation));
    }

    private static void List(TextWriter output, string heading, IReadOnlyList<string> files, string root)
    {
        if (files.Count == 0)
            return;
        output.WriteLine(heading + ":");
        foreach (string file in files)
            output.WriteLine("  " + Path.GetRelativePath(root, file));
    }
}
