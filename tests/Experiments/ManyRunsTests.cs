using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

[Collection(nameof(SeededTorch))]
public sealed class ManyRunsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public ManyRunsTests() =>
        store = new RunStore(folder["runs"], folder["results"]) { CheckpointEvery = TimeSpan.Zero };

    public void Dispose() => folder.Dispose();

    private RunSpec[] Two(int train = 8, int epochs = 1)
    {
        RunSpec spec = TinyRun.Spec(folder["data"], train, epochs);
        return [spec, spec with { Seed = 1 }];
    }

    private static ExperimentRow[] Rows(params RunSpec[] specs) =>
        [.. specs.Select(spec => new ExperimentRow("", spec.Name, spec))];

    private static string Log(Run run) => File.ReadAllText(Path.Combine(run.Folder, "log.txt"));

    /// <summary>In the console's processes and in this one: the same bits, and nothing is trained twice.</summary>
    [Fact]
    public void TheConsoleTrainsWithTheBitsOfThisProcess()
    {
        RunSpec[] specs = Two();
        IReadOnlyList<Run> runs = store.TrainAll([specs[0], specs[1], specs[0]], needWeights: true);
        Assert.Equal(specs.Select(s => s.Name), runs.Select(r => r.Spec.Name));
        Assert.All(runs, run => Assert.True(run.HasWeights));
        int[] processes = [.. runs.Select(run => Log(run).Split("Z started: ").Length - 1)];
        Assert.Equal([1, 1], processes);
        Assert.Equal(runs.Select(Log), store.TrainAll(specs).Select(Log));

        var here = new RunStore(folder["here"], folder["results"]);
        ManyRuns.TrainHere(here, Rows(specs), needWeights: false, CancellationToken.None);
        foreach (Run run in runs)
        {
            foreach (string name in new[] { "spec.json", "split.json", "history.csv", "best.safetensors" })
                SameBytes.InFiles(Path.Combine(here.FolderOf(run.Spec), name), Path.Combine(run.Folder, name));
        }
    }

    [Fact]
    public void AFailedRunIsNamedWithWhatItSaidLastAndTheRestGoesOn()
    {
        RunSpec good = Two()[0];
        RunSpec bad = good with { Data = good.Data with { Set = "NoSuchSet" } };
        foreach (bool processes in new[] { true, false })
        {
            var runs = new RunStore(folder[$"{processes}"]);
            SweepException error = Assert.Throws<SweepException>(() =>
            {
                if (processes)
                    runs.TrainAll([bad, good]);
                else
                    ManyRuns.TrainHere(runs, Rows(bad, good), false, CancellationToken.None);
            });
            Assert.Contains(bad.Name, error.Message);
            Assert.DoesNotContain(good.Name, error.Message);
            Assert.Contains("The data set NoSuchSet is not on this machine.", error.Message);
            Assert.Contains("1 of 2 runs failed", error.Message);
            Assert.True(runs.IsFinished(good));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsCancelledIsResumable(bool processes)
    {
        RunSpec[] specs = Two(train: 32, epochs: 8);
        string checkpoint = Path.Combine(store.FolderOf(specs[0]), "last.safetensors");
        using var stop = new CancellationTokenSource();
        Task training = Task.Run(
            () =>
            {
                if (processes)
                    store.TrainAll(specs, cancellation: stop.Token);
                else
                    ManyRuns.TrainHere(store, Rows(specs), false, stop.Token);
            },
            CancellationToken.None);
        while (!training.IsCompleted && !File.Exists(checkpoint))
            Thread.Sleep(1); // not a delay: its end could wait for a free thread until the training is over
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => training);
        Assert.True(File.Exists(checkpoint));
        Assert.False(store.IsFinished(specs[0]));
        Assert.False(store.IsLocked(specs[0]));
        Assert.Contains("resumed at", Log(store.GetOrTrain(specs[0])));
    }

    [Fact]
    public void OtherTextsAreScoredToo()
    {
        RunSpec spec = Two()[0];
        var row = new ExperimentRow("text", "report", spec) { AlsoScoredWith = [TextMode.Mirrored, TextMode.Correct] };
        ManyRuns.TrainHere(store, ManyRuns.Distinct([row]), false, CancellationToken.None);
        Run run = store.Find(spec)!;
        string scores = Path.Combine(run.Folder, "cases-mirrored.csv");
        Assert.True(File.Exists(scores));
        Assert.False(File.Exists(Path.Combine(run.Folder, "cases-correct.csv")));

        // A run that was finished without them is not trained again for them.
        File.Delete(scores);
        Assert.Single(store.TrainAll([row]));
        Assert.True(File.Exists(scores));
        Assert.Equal(1, Log(run).Split("Z started: ").Length - 1);
    }

    [Fact]
    public void ATrackedResultCountsAsFinishedUnlessItsWeightsAreWanted()
    {
        RunSpec spec = Two()[0];
        store.Track(store.GetOrTrain(spec));
        var elsewhere = new RunStore(folder["elsewhere"], folder["results"]);
        Assert.False(Assert.Single(elsewhere.TrainAll([spec with { Threads = 2 }])).HasWeights);
        Assert.False(Directory.Exists(folder["elsewhere"]));
        Assert.True(Assert.Single(elsewhere.TrainAll([spec], needWeights: true)).HasWeights);
    }
}
