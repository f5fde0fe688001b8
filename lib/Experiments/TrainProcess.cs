using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// A process that trains runs for a sweep: the console's <c>train --child</c>. It reads an order a line, tells progress
/// and ends as lines, and stops, resumable, when its input is closed; so it ends with the process that started it,
/// whatever ends that one.
/// </summary>
internal sealed class TrainProcess : IAsyncDisposable
{
    /// <summary>The exit code of a command whose run another process is using (EX_TEMPFAIL of sysexits.h).</summary>
    public const int LockedExitCode = 75;

    private const int Killed = 128 + 9, Terminated = 128 + 15, KilledOnWindows = -1, TailLines = 20;
    private const string ProgressMark = "progress ", EndMark = "end ";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new EnumNames() },
    };

    private readonly Process process;
    private readonly Queue<string> tail = new();
    private Action<TrainingProgress> onProgress = _ => { };
    private TaskCompletionSource<TrainEnd> ended = new();

    /// <param name="console">The console, see <see cref="FindConsole"/>.</param>
    /// <param name="store">The store of its runs.</param>
    public TrainProcess(string console, RunStore store)
    {
        process = new Process { StartInfo = StartInfo(console, store) };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exit = process.WaitForExitAsync();
    }

    /// <summary>The process's id.</summary>
    public int Id => process.Id;

    /// <summary>Done when the process is gone and all it said was read.</summary>
    private Task Exit { get; }

    /// <summary>
    /// The console of this very build of the library; null where it is not built or is another build, whose results
    /// might differ.
    /// </summary>
    public static string? FindConsole()
    {
        string folder = Path.Combine(Workspace.Root, "workbook", "bin");
        string console = Path.Combine(folder, "workbook.dll"), library = Path.Combine(folder, "C2FVL.Lib.dll");
        return File.Exists(console) && File.Exists(library)
            && BuildOf(library) == typeof(TrainProcess).Module.ModuleVersionId
            ? console
            : null;
    }

    /// <summary>Trains a run, or goes on with it, and scores it. One at a time.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="progress">Called from another thread.</param>
    /// <param name="cancellation">Ends the wait for it; disposing ends the run, resumable.</param>
    public async Task<TrainEnd> Run(TrainOrder order, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        ended = new TaskCompletionSource<TrainEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        onProgress = progress;
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, Json).AsMemory(), cancellation);
            await process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It is gone already; its exit code says why.
        }

        await Task.WhenAny(ended.Task, Exit).WaitAsync(cancellation);
        if (ended.Task.IsCompleted)
            return await ended.Task;

        bool killed = process.ExitCode is Killed or Terminated or KilledOnWindows;
        lock (tail)
            return new TrainEnd(
                killed ? TrainEndKind.Killed : TrainEndKind.Failed,
                string.Join("\n", tail.Append($"(exit code {process.ExitCode})")));
    }

    /// <summary>Ends the process, after the training step under way if it can.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        await Task.WhenAny(Exit, Task.Delay(Grace));
        if (!process.HasExited)
            process.Kill(entireProcessTree: true); // what is lost is the time since the last checkpoint
        await Exit;
        process.Dispose();
    }

    /// <summary>The order in a line of the child's input.</summary>
    public static TrainOrder ReadOrder(string line) => JsonSerializer.Deserialize<TrainOrder>(line, Json)!;

    /// <summary>The line that tells the sweep how far the run is.</summary>
    public static string Line(TrainingProgress progress) => ProgressMark + JsonSerializer.Serialize(progress, Json);

    /// <summary>The line that tells the sweep how the run ended.</summary>
    public static string Line(TrainEnd end) => EndMark + JsonSerializer.Serialize(end, Json);

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (line.StartsWith(ProgressMark, StringComparison.Ordinal))
        {
            onProgress(JsonSerializer.Deserialize<TrainingProgress>(line.AsSpan(ProgressMark.Length), Json)!);
            return;
        }

        if (line.StartsWith(EndMark, StringComparison.Ordinal))
        {
            ended.TrySetResult(JsonSerializer.Deserialize<TrainEnd>(line.AsSpan(EndMark.Length), Json)!);
            return;
        }

        lock (tail)
        {
            tail.Enqueue(line);
            if (tail.Count > TailLines)
                tail.Dequeue();
        }
    }

    private static ProcessStartInfo StartInfo(string console, RunStore store)
    {
        string? own = Environment.ProcessPath;
        var start = new ProcessStartInfo(Path.GetFileNameWithoutExtension(own) == "dotnet" ? own! : "dotnet")
        {
            ArgumentList =
            {
                console,
                "train",
                "--child",
                "--checkpoint-seconds",
                FormattableString.Invariant($"{store.CheckpointEvery.TotalSeconds}"),
            },
            WorkingDirectory = Workspace.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("--accept-reports");
        start.ArgumentList.Add(FormattableString.Invariant($"{store.LeastReports}"));
        if (store.AcceptChangedData)
            start.ArgumentList.Add("--accept-changed-data");
        start.Environment["C2FVL_RUNS"] = store.Folder;
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
