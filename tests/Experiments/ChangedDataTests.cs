using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Runs;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

/// <summary>A run whose data changed is never served in silence.</summary>
[Collection(nameof(SeededTorch))]
public sealed class ChangedDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunSpec spec;
    private readonly List<string> notes = [];

    public ChangedDataTests() => spec = TinyRun.Spec(folder["data"], epochs: 2);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void InvertedMasksTrainAnewInAFolderOfTheirOwn()
    {
        Run before = Store().GetOrTrain(spec);
        Invert(2);
        Assert.Null(Store().Find(spec));
        Assert.False(Store().IsFinished(spec));
        int steps = 0;
        Run after = Store().GetOrTrain(spec, _ => steps++);
        Assert.True(steps > 0);
        Assert.Equal($"{before.Folder}-{after.Provenance!.Data!.Digest[..6]}", after.Folder);
        Assert.Contains(notes, note => note.Contains("the data have changed since this run (2 masks)"));
        Assert.Equal(after.Folder, Store().GetOrTrain(spec, _ => Assert.Fail("it trains")).Folder);

        // With the first masks back, the first run is served again.
        Invert(2);
        Assert.Equal(before.Folder, Store().GetOrTrain(spec, _ => Assert.Fail("it trains")).Folder);
    }

    [Fact]
    public void ChangedDataCanBeAcceptedAndAreNamed()
    {
        Run before = Store().GetOrTrain(spec);
        Invert(1);
        Run served = Store(accept: true).GetOrTrain(spec, _ => Assert.Fail("it trains"));
        Assert.Equal((before.Folder, "1 mask"), (served.Folder, served.AcceptedChange));
        Assert.Contains(notes, note => note.Contains("the data have changed since this run (1 mask)"));
    }

    [Fact]
    public void AHalfRunIsNotResumedOnOtherData()
    {
        Stop(Store());
        Invert(3);
        Run run = Store().GetOrTrain(spec);
        Assert.NotEqual(Store().FolderOf(spec), run.Folder);
        Assert.DoesNotContain("resumed", File.ReadAllText(Path.Combine(run.Folder, "log.txt")));
        Assert.False(File.Exists(Path.Combine(Store().FolderOf(spec), "cases.csv")));
    }

    [Fact]
    public void AHalfRunThatIsResumedOnAcceptedDataBelongsToNeither()
    {
        Stop(Store());
        Invert(3);
        Run mixed = Store(accept: true).GetOrTrain(spec);
        Assert.Equal(Store().FolderOf(spec), mixed.Folder);
        Assert.Contains("resumed", File.ReadAllText(Path.Combine(mixed.Folder, "log.txt")));
        Assert.Null(Store().Find(spec));
        Invert(3);
        Assert.Null(Store().Find(spec));
    }

    [Fact]
    public void AHalfRunInTheFolderOfChangedDataIsResumedThere()
    {
        Store().GetOrTrain(spec);
        Invert(1);
        Stop(Store());
        Directory.Delete(Store().FolderOf(spec), recursive: true);
        Run run = Store().GetOrTrain(spec);
        Assert.Contains("resumed", File.ReadAllText(Path.Combine(run.Folder, "log.txt")));
    }

    [Fact]
    public void NewMeasuresDoNotMixOldAndNewData()
    {
        Run run = Store().GetOrTrain(spec);
        Invert(2, Part.Test);
        Assert.Contains("the data have changed since this run (2 masks)", Assert.Throws<InvalidDataException>(() => RunStore.Score(run, [TextMode.Missing])).Message);
        Assert.Contains("2 masks", Assert.Throws<InvalidDataException>(() => CamStudy.GetOrMeasureScores(run)).Message);
        Assert.Contains("2 masks", Assert.Throws<InvalidDataException>(() => CamStudy.GetOrMeasureCurves(run)).Message);
        Assert.Contains("2 masks", Assert.Throws<InvalidDataException>(() => CamFigure.Draw("t", [("r", run, run.Cases[0].CaseId, TextMode.Correct)])).Message);

        // Accepted, they are taken, and not served as the run's own once its data are back.
        Run accepted = Store(accept: true).GetOrTrain(spec);
        RunStore.Score(accepted, [TextMode.Missing]);
        Assert.NotNull(RunStore.FindScores(Store(accept: true).Find(spec)!, TextMode.Missing));
        Invert(2, Part.Test);
        Run back = Store().Find(spec)!;
        Assert.Null(RunStore.FindScores(back, TextMode.Missing));
        RunStore.Score(back, [TextMode.Missing]);
        Assert.NotNull(RunStore.FindScores(Store().Find(spec)!, TextMode.Missing));
    }

    [Fact]
    public void AChangedReportCountsAndTimesAndPlacesDoNot()
    {
        RunData before = RunData.Open(spec.Data);
        foreach (string file in Directory.GetFiles(spec.Data.Set, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateDirectory(folder["moved"]);
        string moved = folder["moved", Path.GetFileName(spec.Data.Set)];
        Directory.Move(spec.Data.Set, moved);
        RunData after = RunData.Open(spec.Data with { Set = moved });
        Assert.Equal(before.Gate.Digest.Value, after.Gate.Digest.Value);

        string sheet = Path.Combine(moved, "Train_Folder", "Train_text.xlsx");
        ReportRow[] rows = [.. ReportSheet.Read(sheet).Rows];
        File.Delete(sheet);
        ReportSheet.Write(sheet, rows.Select((row, i) => (row.Image, i < 3 ? row.Report! with { Areas = row.Report.Areas + 7 } : row.Report!)));
        Assert.Equal("3 reports", RunData.Open(spec.Data with { Set = moved }).Gate.Digest.DifferenceFrom(before.Gate.Digest));
    }

    [Fact]
    public void ARunMadeBeforeDigestsLoadsAndSaysSo()
    {
        Run run = Store().GetOrTrain(spec);
        File.Delete(Path.Combine(run.Folder, "provenance.json"));
        File.Delete(Path.Combine(run.Folder, "data.txt"));
        Invert(2);
        Run old = Store().GetOrTrain(spec, _ => Assert.Fail("it trains"));
        Assert.Null(old.Provenance);
        Assert.EndsWith("; data not recorded: " + run.Folder, C2FVL.Workbook.Commands.TrainCommand.Loaded(old));
    }

    [Fact]
    public void WhereTheDataAreNotHereTrackedResultsLoadAndOnChangedDataTheyDoNot()
    {
        Run run = Store().GetOrTrain(spec);
        Store().Track(run);
        var elsewhere = new RunStore(folder["none"], folder["results"]) { Note = notes.Add };
        Assert.Equal(run.Cases, elsewhere.Find(spec)!.Cases);
        Invert(1);
        Assert.Null(elsewhere.Find(spec));
        Directory.Delete(spec.Data.Set, recursive: true);
        Assert.Equal(run.Cases, elsewhere.Find(spec)!.Cases);
        Assert.Equal("masks", run.Provenance!.Data!.DifferenceTo(ChangedDigest(run)));
    }

    [Fact]
    public void TheCodeIsRecordedAndMixedCodeIsSaidBelowTables()
    {
        Run run = Store().GetOrTrain(spec);
        CodeRecord code = Assert.Single(run.Provenance!.Code);
        Assert.Equal((1, "cpu", TorchSharp.torch.__version__), (code.Threads, code.Device, code.Libtorch.Split(' ')[0]));
        Assert.NotEmpty(code.Version);
        Assert.Equal(8, code.Build.Length);
        Assert.Equal("", Provenance.Mixture([run]));
        Run other = run with { Folder = "other", Spec = run.Spec with { Threads = 2 }, Provenance = null };
        string mixture = Provenance.Mixture([run, other]);
        Assert.Contains("1 with 1 thread, 1 with 2 threads", mixture);
        Assert.Contains("version not recorded", mixture);
    }

    /// <summary>The digest of the run's data with one mask changed.</summary>
    private DataDigest ChangedDigest(Run run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run.Folder, "data.txt"));
        string[] cells = lines[0].Split('\t');
        cells[2] = "0000000000000000";
        lines[0] = string.Join('\t', cells);
        File.WriteAllLines(folder["digest.txt"], lines);
        return DataDigest.Load(folder["digest.txt"]);
    }

    private RunStore Store(bool accept = false) => new(folder["runs"], folder["results"]) { AcceptChangedData = accept, Note = notes.Add };

    private void Stop(RunStore store)
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => store.GetOrTrain(spec, _ => stop.Cancel(), stop.Token));
    }

    private void Invert(int masks, Part part = Part.Train)
    {
        foreach (string path in Directory.GetFiles(Path.Combine(spec.Data.Set, $"{part}_Folder", "labelcol")).Order(StringComparer.Ordinal).Take(masks))
        {
            BinaryMask mask = ImageFile.ReadMask(path);
            ImageFile.Write(path, new BinaryMask(mask.Width, mask.Height, [.. mask.Pixels.Select(p => (byte)(1 - p))]));
        }
    }
}
