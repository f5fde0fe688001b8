using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// A run trained by a process of its own: the console's <c>train --spec FILE --child</c>. It tells its progress as lines
/// on its output and ends, resumable, when its input is closed; so it ends with the process that started it, whatever
/// ends that one.
/// </summary>
internal static class TrainProcess
{
    /// <summary>What begins a line of progress.</summary>
    public const string ProgressMark = "progress ";

    /// <summary>The exit code of a command whose run is in another process's hands (EX_TEMPFAIL of sysexits.h).</summary>
    public const int Held = 75;

    private const int Killed = 128 + 9, Terminated = 128 + 15, KilledOnWindows = -1, TailLines = 20;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The console of this very build of the library; null where it is not built or is another build, whose results might differ.</summary>
    public static string? FindConsole()
    {
        string folder = Path.Combine(Workspace.Root, "workbook", "bin");
        string console = Path.Combine(folder, "workbook.dll"), library = Path.Combine(folder, "C2FVL.Lib.dll");
        return File.Exists(console) && File.Exists(library) && BuildOf(library) == typeof(TrainProcess).Module.ModuleVersionId ? console : null;
    }

    /// <summary>Trains a run, or goes on with it, and scores it.</summary>
    /// <param name="console">The console, see <see cref="FindConsole"/>.</param>
    /// <param name="store">The store of the run.</param>
    /// <param name="spec">What to run.</param>
    /// <param name="texts">Other texts to score its test cases with.</param>
    /// <param name="isAlone">Whether no other run trains beside it.</param>
    /// <param name="onStart">Called with the process's id.</param>
    /// <param name="onProgress">Called from another thread.</param>
    /// <param name="cancellation">Ends it after the step under way, resumable.</param>
    /// <returns>How it ended, and what it said last.</returns>
    public static async Task<(ProcessEnd End, string Tail)> Run(
        string console, RunStore store, RunSpec spec, IReadOnlyList<TextMode> texts, bool isAlone, Action<int>? onStart, Action<TrainingProgress> onProgress, CancellationToken cancellation)
    {
        var tail = new Queue<string>();
        using var process = new Process { StartInfo = Start(console, store, spec, texts, isAlone) };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        onStart?.Invoke(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.StandardInput.Close();
            await Task.WhenAny(process.WaitForExitAsync(CancellationToken.None), Task.Delay(Grace, CancellationToken.None));
            if (!process.HasExited)
                process.Kill(entireProcessTree: true); // what is lost is the time since the last checkpoint
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        ProcessEnd end = process.ExitCode switch
        {
            0 => ProcessEnd.Finished,
            Held => ProcessEnd.Held,
            Killed or Terminated or KilledOnWindows => ProcessEnd.Killed,
            _ => ProcessEnd.Failed,
        };
        lock (tail)
            return (end, string.Join("\n", tail.Append($"(exit code {process.ExitCode})")));

        void Take(string? line)
        {
            if (line is null)
                return;
            if (line.StartsWith(ProgressMark, StringComparison.Ordinal))
            {
                onProgress(JsonSerializer.Deserialize<TrainingProgress>(line.AsSpan(ProgressMark.Length), Json)!);
                return;
            }

            lock (tail)
            {
                tail.Enqueue(line);
                if (tail.Count > TailLines)
                    tail.Dequeue();
            }
        }
    }

    /// <summary>The line that tells the starting process how far the run is.</summary>
    public static string ProgressLine(TrainingProgress progress) => ProgressMark + JsonSerializer.Serialize(progress, Json);

    private static ProcessStartInfo Start(string console, RunStore store, RunSpec spec, IReadOnlyList<TextMode> texts, bool isAlone)
    {
        string? own = Environment.ProcessPath;
        var start = new ProcessStartInfo(Path.GetFileNameWithoutExtension(own) == "dotnet" ? own! : "dotnet")
        {
            WorkingDirectory = Workspace.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            console, "train", "--spec", store.WriteSpec(spec), "--child",
            "--checkpoint-seconds", FormattableString.Invariant($"{store.CheckpointEvery.TotalSeconds}"),
            .. texts.SelectMany(text => new[] { "--score-with", $"{text}" }),
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["C2FVL_RUNS"] = store.Folder;
        if (!isAlone)
            start.Environment["OMP_WAIT_POLICY"] = "PASSIVE"; // threads that spin while they wait take the cores from the other runs
        return start;
    }

    private static Guid BuildOf(string library)
    {
        using FileStream file = File.OpenRead(library);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }
}
