using System.CommandLine;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Runs;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook report-run RUN</c>: a run as one HTML page.</summary>
internal static class ReportRunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("RUN") { Description = "The run: its folder, its name, or the last digits of "
            + "its name; 'workbook runs' lists them." };
        var output = new Option<FileInfo?>("--out") { Description = $"The page. The default is {RunPage.FileName} in "
            + "the run's folder; for a tracked run, NAME.html in data/out." };
        var worst = new Option<int>("--worst") { Description = "How many of the worst test images are shown.",
            DefaultValueFactory = _ => 8 }.Within(1, 100);
        var command = new Command("report-run", "Writes a run as one HTML page: scores, curves, the worst test "
            + "images with overlays, and the spec.") { name, output, worst };
        command.SetAction((parsed, _) => Task.Run(
            () =>
            {
                string folder = Find(parsed.GetValue(name)!);
                TorchLibrary.EnsureLoaded();
                Run run = RunPage.Open(folder);
                bool isTracked = Path.GetFullPath(folder)
                    .StartsWith(Workspace.Results + Path.DirectorySeparatorChar, StringComparison.Ordinal);
                string page = parsed.GetValue(output)?.FullName
                    ?? (isTracked ? Path.Combine(Workspace.Root, "data", "out", Path.GetFileName(folder) + ".html")
                        : Path.Combine(folder, RunPage.FileName));
                RunPage.Write(page, run, parsed.GetValue(worst));
                Console.WriteLine(page);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The folder of a run that a user names, in the run store before the tracked results.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such run.</exception>
    /// <exception cref="ArgumentException">Several runs are meant.</exception>
    internal static string Find(string name)
    {
        string here = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        if (IsRun(here))
            return here;
        foreach (string place in new[] { Workspace.Runs, Workspace.Results })
        {
            string[] runs = [.. Enum.GetValues<Scale>().Select(scale => Path.Combine(place, RunStore.ScaleName(scale)))
                .Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Where(IsRun)
                .Order(StringComparer.Ordinal)];
            string[] found = [.. runs.Where(run => Path.GetFileName(run) == name)];
            if (found.Length == 0)
                found = [.. runs.Where(run =>
                    Path.GetFileName(run).EndsWith(name, StringComparison.OrdinalIgnoreCase))];
            if (found.Length > 1)
                throw new ArgumentException($"{name} matches several runs: {string.Join(", ", found)}. Give the path "
                    + "of one.");
            if (found.Length == 1)
                return found[0];
        }

        throw new DirectoryNotFoundException($"There is no run {name} in {Workspace.Runs} or {Workspace.Results}, "
            + $"and no folder {here} with a spec.json. 'workbook runs' lists the runs.");
    }

    private static bool IsRun(string folder) => File.Exists(Path.Combine(folder, "spec.json"));
}
