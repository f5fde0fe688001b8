using System.Diagnostics;
using System.Globalization;
using C2FVL.Platform;

namespace C2FVL.Workbook.Bench;

/// <summary>Starts this very program as the child of a job.</summary>
internal static class BenchProcess
{
    /// <summary>Does the job in a process of its own.</summary>
    /// <exception cref="IOException">It failed; the message says of what job and what it said last.</exception>
    public static async Task<IReadOnlyList<BenchSample>> Run(BenchJob job, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(BenchProcess).Assembly.Location);

        string[] arguments =
        [
            "bench", "--child", "--scale", $"{job.Scale}", "--models", job.Model, "--measures", string.Join(',', job.Measures.Select(BenchMeasures.Name)),
            "--batch", Invariant(job.Batch), "--steps", Invariant(job.Steps), "--threads", Invariant(job.Threads),
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[FastPaths.Variable] = job.Plain ? "1" : "0";
        start.Environment["C2FVL_ALLOCATOR"] = job.Plain ? "default" : "keep";
        start.Environment.Remove("MALLOC_ARENA_MAX"); // this process has it by now; a child that keeps large blocks sets it for itself

        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            string output = await process.StandardOutput.ReadToEndAsync(cancellation);
            string said = (await errors).Trim();
            await process.WaitForExitAsync(cancellation);
            BenchSample[] samples = [.. output.Split('\n').Select(BenchSample.FromLine).OfType<BenchSample>()];
            if (process.ExitCode != 0 || samples.Length == 0)
                throw new IOException($"The process that timed {Describe(job)} exited with code "
                    + $"{process.ExitCode}{(said.Length > 0 ? ": " + LastOf(said) : ".")}");
            return samples;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The job in words, such as "plain-step of UNet".</summary>
    public static string Describe(BenchJob job) => $"{string.Join(", ", job.Measures.Select(BenchMeasures.Name))} of {job.Model}";

    /// <summary>The message without the mark that the child itself put before it, and without a stack.</summary>
    private static string LastOf(string said)
    {
        const string mark = "error: ";
        string line = said.Split('\n').FirstOrDefault(line => line.StartsWith(mark, StringComparison.Ordinal)) ?? said.Split('\n')[0];
        return line.StartsWith(mark, StringComparison.Ordinal) ? line[mark.Length..] : line;
    }

    private static string Invariant(int value) => value.ToString(CultureInfo.InvariantCulture);
}
