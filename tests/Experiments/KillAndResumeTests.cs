using System.Diagnostics;
using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

/// <summary>A real training process, killed with SIGKILL again and again, must end as if nothing had happened.</summary>
public sealed class KillAndResumeTests
{
    private const int Kills = 10;
    private static readonly string[] Train =
        ["train", "--scale", "phantom", "--train", "96", "--val", "8", "--test", "8", "--epochs", "8", "--batch", "4", "--checkpoint-seconds", "0"];

    [Fact]
    public void TenKillsAndAResumeGiveTheBitsOfAnUnbrokenRun()
    {
        using var unbroken = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        using (Process whole = Start(unbroken.Path))
        {
            whole.WaitForExit();
            Assert.Equal(0, whole.ExitCode);
        }

        string expected = RunFolder(unbroken.Path);
        Random random = Seeds.Random(666, "kill moments");
        int killed = 0, whileWriting = 0;
        while (killed < Kills)
        {
            using Process process = Start(broken.Path);
            // The first kill waits for a checkpoint in the making. The others come a seeded number of steps (each writes
            // a checkpoint) and milliseconds after the start: on a fast machine as on a slow one, the run goes on.
            if (whileWriting == 0)
                WaitForTemporary(broken.Path, process);
            else
                WaitForSteps(broken.Path, process, random.Next(1, 5), random.Next(0, 40));
            bool ended = process.HasExited;
            process.Kill();
            process.WaitForExit();
            Assert.False(ended, "the run ended before all kills were done: make it longer");
            killed++;
            if (Directory.EnumerateFiles(broken.Path, "*.tmp", SearchOption.AllDirectories).Any())
                whileWriting++;
            else if (whileWriting == 0)
                killed--; // the file was renamed before the kill came: that one does not count
        }

        Assert.True(whileWriting > 0);
        using (Process last = Start(broken.Path))
        {
            last.WaitForExit();
            Assert.Equal(0, last.ExitCode);
        }

        string actual = RunFolder(broken.Path);
        foreach (string name in new[] { "spec.json", "split.json", "history.csv", "best.safetensors", "last.safetensors" })
            SameBytes.InFiles(Path.Combine(expected, name), Path.Combine(actual, name));
        SameScores.InFiles(Path.Combine(expected, "cases.csv"), Path.Combine(actual, "cases.csv"));
        Assert.Empty(Directory.EnumerateFiles(actual, "*.tmp"));
        Assert.Contains("resumed at", File.ReadAllText(Path.Combine(actual, "log.txt")));
    }

    private static Process Start(string store)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = SharedData.Repository };
        start.ArgumentList.Add(Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll"));
        foreach (string argument in Train)
            start.ArgumentList.Add(argument);
        start.Environment["C2FVL_RUNS"] = store;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void WaitForTemporary(string store, Process process)
    {
        // The file lives for some milliseconds, so the look for it must be a short one.
        string phantom = Path.Combine(store, "phantom");
        string? run = null;
        while (!process.HasExited)
        {
            run ??= Directory.Exists(phantom) ? Directory.EnumerateDirectories(phantom).FirstOrDefault() : null;
            if (run is not null && Directory.EnumerateFiles(run, "last.safetensors.*tmp*").Any())
                return;
        }
    }

    private static void WaitForSteps(string store, Process process, int steps, int milliseconds)
    {
        string last = Path.Combine(RunFolder(store), "last.safetensors"); // not there yet where the first one was cut off
        DateTime seen = File.GetLastWriteTimeUtc(last);
        while (!process.HasExited && steps > 0)
        {
            DateTime now = File.GetLastWriteTimeUtc(last);
            if (now != seen)
                steps--;
            seen = now;
            Thread.Sleep(1);
        }

        process.WaitForExit(milliseconds);
    }

    private static string RunFolder(string store) => Assert.Single(Directory.EnumerateDirectories(Path.Combine(store, "phantom")));
}
