using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Phantoms;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

[Collection(nameof(SeededTorch))]
public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunSpec spec;
    private readonly RunStore store;

    public RunStoreTests()
    {
        string set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 8, Val = 2, Test = 4 });
        spec = new RunSpec
        {
            Scale = Scale.Phantom,
            Data = new DataSpec { Set = set },
            Model = C2FVLSettings.Tiny with { ImageSize = 32 },
            Training = new TrainingSettings { Epochs = 1, BatchSize = 4 },
        };
        store = new RunStore(folder["runs"], folder["results"]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AMissingRunTrainsAndAFinishedOneLoads()
    {
        Assert.Null(store.Find(spec));
        int steps = 0;
        Run first = store.GetOrTrain(spec, _ => steps++);
        Assert.True(steps > 0);
        Assert.Equal(4, first.Cases.Count);
        Assert.True(first.WallTime > TimeSpan.Zero);

        steps = 0;
        Run again = store.GetOrTrain(spec, _ => steps++);
        Assert.Equal(0, steps);
        Assert.Equal(first.Cases, again.Cases);
        Assert.Equal(first.History, store.Find(spec)!.History);
        using SegmentationModel model = again.LoadModel();
        Assert.False(model.training);
    }

    [Fact]
    public void ATrackedRunWithTrackedWeightsIsUsedWithoutTrainingAndSaysSo()
    {
        Run run = store.GetOrTrain(spec);
        store.Track(run);
        Directory.CreateDirectory(folder["weights"]);
        File.Copy(Path.Combine(run.Folder, Trainer.BestName), folder["weights/tiny.safetensors"]);
        List<string> said = [];
        var fresh = new RunStore(folder["other"], folder["results"]) { Note = said.Add };

        byte[] sound = File.ReadAllBytes(folder["weights/tiny.safetensors"]);
        File.WriteAllBytes(folder["weights/tiny.safetensors"], [.. sound[..^1], (byte)(sound[^1] ^ 1)]);
        string damaged = Assert.Throws<InvalidDataException>(() => fresh.GetOrTrain(spec)).Message;
        Assert.StartsWith($"{folder["weights/tiny.safetensors"]} is damaged", damaged, StringComparison.Ordinal);
        File.WriteAllBytes(folder["weights/tiny.safetensors"], sound);
        Assert.Empty(said);

        Assert.True(fresh.IsReady(spec));
        Assert.False(fresh.IsReady(spec with { Seed = 1 }));
        Assert.Empty(said);
        Run copied = fresh.GetOrTrain(spec with { Threads = 7 }, _ => Assert.Fail("it trains"));
        Assert.StartsWith(folder["other"], copied.Folder, StringComparison.Ordinal);
        Assert.Equal(run.Cases, copied.Cases);
        Assert.Contains("tiny.safetensors", Assert.Single(said), StringComparison.Ordinal);
        RunStore.Score(copied, [TextMode.Mirrored]); // its weights work, on the data of this machine
        Assert.Equal(4, RunStore.FindScores(copied, TextMode.Mirrored)!.Count);

        int steps = 0;
        fresh.GetOrTrain(spec with { Seed = 1 }, _ => steps++);
        Assert.True(steps > 0);
    }

    [Fact]
    public void ARunThatDiffersInThreadsAloneIsFoundWithItsWeights()
    {
        Run run = store.GetOrTrain(spec);
        RunSpec other = spec with { Threads = 7 };
        Assert.True(store.IsFinished(other));
        Assert.Equal(run.Folder, store.Find(other)!.Folder);
        Assert.Equal(run.Folder, store.GetOrTrain(other, _ => Assert.Fail("it trains")).Folder);
        Assert.False(store.IsFinished(spec with { Seed = 1 }));
    }

    [Fact]
    public void TrackedResultsAreFoundOnAMachineWithOtherThreadsAndHaveNoWeights()
    {
        Run run = store.GetOrTrain(spec);
        string tracked = store.Track(run);
        Assert.Empty(Directory.GetFiles(tracked, "*.safetensors"));

        var elsewhere = new RunStore(folder["none"], folder["results"]);
        Run found = elsewhere.Find(spec with { Threads = 7 })!;
        Assert.Equal(run.Cases, found.Cases);
        Assert.False(found.HasWeights);
        Assert.Contains("without its weights", Assert.Throws<FileNotFoundException>(() => found.LoadModel()).Message);
        Assert.Null(elsewhere.Find(spec with { Seed = 1 }));
    }

    [Fact]
    public void ATrackedRunWhoseScoresWereCutIsRefusedByItsProvenance()
    {
        string tracked = store.Track(store.GetOrTrain(spec)), cases = Path.Combine(tracked, "cases.csv");
        string[] lines = File.ReadAllLines(cases);
        File.WriteAllText(cases, string.Join('\n', lines[..^1]) + "\n");
        string message = Assert.Throws<InvalidDataException>(() => RunStore.Load(tracked)).Message;
        Assert.StartsWith($"{cases} has {lines.Length - 2} rows, and the run has {lines.Length - 1} test cases", message);
    }

    [Fact]
    public void ALockedRunIsNotTouched()
    {
        string own = store.FolderOf(spec);
        Directory.CreateDirectory(own);
        using FileStream hold = new(Path.Combine(own, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("Another process is using this run (locked)", Assert.Throws<RunLockedException>(() => store.GetOrTrain(spec)).Message);
    }

    [Fact]
    public void ALockedRunIsSeenToBeLockedAndAFreeOneIsNot()
    {
        Assert.False(store.IsLocked(spec));
        string own = store.FolderOf(spec);
        Directory.CreateDirectory(own);
        using (new FileStream(Path.Combine(own, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Assert.True(store.IsLocked(spec));
        Assert.False(store.IsLocked(spec));
    }

    [Fact]
    public void ARunIsScoredWithAnotherTextOnceAndThenRead()
    {
        Run run = store.GetOrTrain(spec);
        Assert.Same(run.Cases, RunStore.FindScores(run, TextMode.Correct));
        Assert.Null(RunStore.FindScores(run, TextMode.Missing));
        int batches = 0;
        RunStore.Score(run, [TextMode.Correct, TextMode.Missing], _ => batches++);
        IReadOnlyList<CaseScore> missing = RunStore.FindScores(run, TextMode.Missing)!;
        Assert.Equal(1, batches);
        using (SegmentationModel model = run.LoadModel())
            SameScores.In(Scorer.Score(model, RunData.Open(spec.Data).Batches(spec, Part.Test, TextMode.Missing), TorchSharp.torch.CPU), missing);
        Assert.All(missing, score => Assert.True(score.Seconds > 0));
        Assert.True(File.Exists(Path.Combine(run.Folder, "cases-missing.csv")));
        RunStore.Score(run, [TextMode.Missing], _ => batches++);
        Assert.Equal(1, batches);

        store.Track(run);
        Run tracked = new RunStore(folder["none"], folder["results"]).Find(spec)!;
        Assert.Equal(missing, RunStore.FindScores(tracked, TextMode.Missing));
        Assert.Throws<FileNotFoundException>(() => RunStore.Score(tracked, [TextMode.Mirrored]));
    }

    [Fact]
    public void ASetThatIsNotHereIsSaidWithTheCure()
    {
        DirectoryNotFoundException error = Assert.Throws<DirectoryNotFoundException>(() => store.GetOrTrain(spec with { Data = spec.Data with { Set = "NoSuchSet" } }));
        Assert.Contains("C2FVL_DATA", error.Message);
    }
}
