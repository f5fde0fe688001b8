using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Workbook.Sweeps;

[Collection(nameof(SeededTorch))]
public sealed class SweepTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public SweepTests() => store = new RunStore(folder["runs"], folder["results"]) { CheckpointEvery = TimeSpan.Zero };

    public void Dispose() => folder.Dispose();

    private RunSpec[] Two(int train = 8, int epochs = 1)
    {
        RunSpec spec = TinyRun.Spec(folder["data"], train, epochs);
        return [spec, spec with { Seed = 1 }];
    }

    private static Sweep SweepOf(IEnumerable<RunSpec> specs, RunStore store) =>
        new(specs.Select(spec => new ExperimentRow("", spec.Name, spec)), store) { Jobs = 1 };

    private static void Unseen(SweepProgress progress)
    {
    }

    private static int Beginnings(Run run) => File.ReadAllLines(Path.Combine(run.Folder, "log.txt")).Count(line => line.Contains("Z started: "));

    [Fact]
    public void EqualSpecsAreOneRunAndNothingIsRepeated()
    {
        RunSpec[] specs = Two();
        var seen = new List<SweepProgress>();
        IReadOnlyList<Run> runs = SweepOf([specs[0], specs[1], specs[0]], store).Run(seen.Add);
        Assert.Equal(specs.Select(s => s.Name), runs.Select(r => r.Spec.Name));
        Assert.Equal((2, 2, 2000L, 2000L), (seen[^1].Finished, seen[^1].Runs, seen[^1].Done, seen[^1].Total));
        Assert.Equal(seen.Select(p => p.Done).Order(), seen.Select(p => p.Done));
        Assert.Contains(seen, p => p.ToString().StartsWith($"0 of 2 runs; {specs[0].Name}: epoch 1/1"));

        DateTime[] written = [.. runs.Select(r => File.GetLastWriteTimeUtc(Path.Combine(r.Folder, "cases.csv")))];
        seen.Clear();
        IReadOnlyList<Run> again = SweepOf(specs, store).Run(seen.Add);
        Assert.Equal(written, again.Select(r => File.GetLastWriteTimeUtc(Path.Combine(r.Folder, "cases.csv"))));
        Assert.Equal(["1 of 2 runs", "2 of 2 runs"], seen.Select(p => p.ToString()));
        Assert.All(again, run => Assert.Equal(1, Beginnings(run)));
    }

    [Fact]
    public void AChildThatIsKilledIsResumedAndEndsWithTheBitsOfAnUnbrokenRun()
    {
        RunSpec[] specs = Two(train: 32, epochs: 4);
        int started = 0;
        var sweep = new Sweep(specs.Select(spec => new ExperimentRow("", spec.Name, spec)), store)
        {
            Jobs = 1,
            OnStart = id =>
            {
                if (started++ == 0)
                    new Thread(() => KillAtTheFirstCheckpoint(id, store.FolderOf(specs[0]))).Start();
            },
        };
        IReadOnlyList<Run> runs = sweep.Run(Unseen);
        Assert.Equal(2, started);
        Assert.Contains("resumed at", File.ReadAllText(Path.Combine(runs[0].Folder, "log.txt")));

        var here = new RunStore(folder["here"]);
        foreach ((Run broken, Run whole) in runs.Zip(specs.Select(spec => here.GetOrTrain(spec))))
        {
            foreach (string name in new[] { "spec.json", "split.json", "history.csv", "best.safetensors" })
                SameBytes.InFiles(Path.Combine(whole.Folder, name), Path.Combine(broken.Folder, name));
            SameScores.InFiles(Path.Combine(whole.Folder, "cases.csv"), Path.Combine(broken.Folder, "cases.csv"));
        }
    }

    private static void KillAtTheFirstCheckpoint(int id, string run)
    {
        using Process process = Process.GetProcessById(id);
        while (!process.HasExited && !File.Exists(Path.Combine(run, "last.safetensors")))
            Thread.Sleep(1);
        process.Kill();
    }

    [Fact]
    public async Task TwoSweepsOnOneStoreTrainEachRunOnce()
    {
        RunSpec[] specs = Two(train: 32);
        ExperimentRow[] rows = [.. specs.Select(spec => new ExperimentRow("", spec.Name, spec))];
        Task<IReadOnlyList<Run>>[] sweeps =
        [
            Task.Run(() => new Sweep(rows, store) { Jobs = 2 }.Run(Unseen)),
            Task.Run(() => new Sweep(rows.Reverse(), store) { Jobs = 2 }.Run(Unseen)),
        ];
        IReadOnlyList<Run>[] runs = await Task.WhenAll(sweeps);
        Assert.Equal(runs[0].Select(r => r.Folder).Order(), runs[1].Select(r => r.Folder).Order());
        Assert.All(runs[0], run => Assert.Equal(1, Beginnings(run)));
        Assert.All(runs[0], run => Assert.DoesNotContain("resumed", File.ReadAllText(Path.Combine(run.Folder, "log.txt"))));
    }

    [Fact]
    public void AFailedRunIsNamedWithWhatItSaidLastAndTheRestGoesOn()
    {
        RunSpec good = Two()[0];
        RunSpec bad = good with { Data = good.Data with { Set = "NoSuchSet" } };
        SweepProgress? last = null;
        SweepException error = Assert.Throws<SweepException>(() => SweepOf([bad, good], store).Run(p => last = p));
        Assert.Contains(bad.Name, error.Message);
        Assert.DoesNotContain(good.Name, error.Message);
        Assert.Contains("The data set NoSuchSet is not on this machine.", error.Message);
        Assert.Contains("1 of 2 runs failed", error.Message);
        Assert.True(store.IsFinished(good));
        Assert.Equal("1 of 2 runs, 1 failed", last!.ToString().Split(';')[0]);
    }

    [Fact]
    public void WhatSeveralRunsSaidAlikeStandsOnce()
    {
        var error = new SweepException([("a", "no data"), ("b", "no memory"), ("c", "no data")], 5);
        Assert.Equal(
            "3 of 5 runs failed; the others are finished. Run the sweep again to repeat only these.\na,\nc: no data\nb: no memory",
            error.Message);
    }

    [Fact]
    public void ACancelledSweepIsResumable()
    {
        RunSpec[] specs = Two(train: 32, epochs: 8);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => SweepOf(specs, store).Run(
            p =>
            {
                if (p.Epochs > 0)
                    stop.Cancel();
            },
            stop.Token));
        Assert.True(File.Exists(Path.Combine(store.FolderOf(specs[0]), "last.safetensors")));
        Assert.False(store.IsFinished(specs[0]));
        Assert.False(store.IsLocked(specs[0]));
        Run run = store.GetOrTrain(specs[0]);
        Assert.Contains("resumed at", File.ReadAllText(Path.Combine(run.Folder, "log.txt")));
    }

    [Fact]
    public void OtherTextsAreScoredAndTrackedToo()
    {
        RunSpec spec = Two()[0];
        var row = new ExperimentRow("text", "report", spec) { AlsoScoredWith = [TextMode.Mirrored, TextMode.Correct] };
        Run run = Assert.Single(new Sweep([row], store) { Track = true }.Run(Unseen));
        Assert.True(File.Exists(Path.Combine(run.Folder, "cases-mirrored.csv")));
        Assert.False(File.Exists(Path.Combine(run.Folder, "cases-correct.csv")));
        Run tracked = new RunStore(folder["none"], folder["results"]).Find(spec)!;
        Assert.Equal(RunStore.FindScores(run, TextMode.Mirrored), RunStore.FindScores(tracked, TextMode.Mirrored));

        // A run that was finished without them is not trained again for them.
        File.Delete(Path.Combine(run.Folder, "cases-mirrored.csv"));
        new Sweep([row], store).Run(Unseen);
        Assert.True(File.Exists(Path.Combine(run.Folder, "cases-mirrored.csv")));
        Assert.Equal(1, Beginnings(run));
    }

    [Fact]
    public void ATrackedResultCountsAsFinishedUnlessItsWeightsAreWanted()
    {
        RunSpec spec = Two()[0];
        var row = new ExperimentRow("", spec.Name, spec);
        new Sweep([row], store) { Track = true }.Run(Unseen);
        var elsewhere = new RunStore(folder["elsewhere"], folder["results"]);
        Run tracked = Assert.Single(
            new Sweep([row with { Spec = spec with { Threads = 2 } }], elsewhere).Run(Unseen));
        Assert.False(tracked.HasWeights);
        Assert.False(Directory.Exists(folder["elsewhere"]));
        Assert.True(Assert.Single(new Sweep([row], elsewhere) { NeedWeights = true }.Run(Unseen)).HasWeights);
    }

    [Fact]
    public void CoresThreadsAndMemoryBoundTheJobs()
    {
        RunSpec one = Presets.For(Scale.Phantom) with { Threads = 1 };
        RunSpec two = one with { Threads = 2, Seed = 1 };
        long plenty = 1L << 40;
        Assert.Equal(2, Sweep.JobsFor([one, two, two], 4, plenty));
        Assert.Equal(3, Sweep.JobsFor([one, one, one], 4, plenty));
        Assert.Equal(1, Sweep.JobsFor([two, two], 1, plenty));
        Assert.Equal(2, Sweep.JobsFor([one, one, one], 4, (2 * Sweep.MemoryOf(one)) + 1));
        Assert.Equal(1, Sweep.JobsFor([one, one], 4, 0));
        Assert.True(Sweep.MemoryOf(Presets.For(Scale.Paper)) > 6_000_000_000);
    }
}
