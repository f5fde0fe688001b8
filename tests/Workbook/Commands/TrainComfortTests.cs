using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Runs;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>train --until, --fast and --tensorboard, and report-run, on runs of a few seconds.</summary>
[Collection(nameof(SeededTorch))]
public sealed class TrainComfortTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");

    private readonly string temporary = Path.GetTempPath();

    public TrainComfortTests()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["runs"]);
        SetTemporary(Directory.CreateDirectory(folder["tmp"]).FullName); // other processes make trials in the usual one
    }

    public void Dispose()
    {
        SetTemporary(temporary);
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        folder.Dispose();
    }

    [Fact]
    public async Task ATrainingStopsAtItsTimeAndTheSameCommandResumesIt()
    {
        RunSpec spec = Spec(train: 16, epochs: 1000); // far more than fit into the time
        string own = new RunStore().FolderOf(spec), last = Path.Combine(own, Trainer.LastName);
        (int code, string said) = await Train("--until", "2s");
        for (int again = 0; again < 20 && !File.Exists(last) && code == StopTime.ExitCode; again++)
            (code, said) = await Train("--until", "2s"); // a busy machine may not come to the first step
        Assert.Equal(StopTime.ExitCode, code);
        Assert.Contains("because of --until. It is not finished; repeat the command to resume.", said);
        Assert.True(File.Exists(last));
        Assert.False(File.Exists(Path.Combine(own, "cases.csv")));

        (code, said) = await ConsoleRun.Of(ReportRunCommand.Create(), spec.Name);
        Assert.Equal(0, code);
        Assert.Contains("not finished: epoch ", File.ReadAllText(Path.Combine(own, RunPage.FileName)));
        for (int again = 0; again < 20 && !File.ReadAllText(Path.Combine(own, Trainer.LogName)).Contains("resumed at epoch"); again++)
            Assert.Equal(StopTime.ExitCode, (await Train("--until", "2s")).Code);
        Assert.Contains("resumed at epoch", File.ReadAllText(Path.Combine(own, Trainer.LogName)));
    }

    [Fact]
    public async Task AFastTrialGoesThroughEverythingAndKeepsNothing()
    {
        Spec(train: 16, epochs: 50);
        (int code, string said) = await Train("--fast", "--score-with", "Mirrored");
        Assert.True(code == 0, said);
        foreach (string stage in new[] { "data: Train: 4 cases", "train", "validate", "test", "weights, checkpoint, "
            + "history, events", "test with text Mirrored", "report page" })
            Assert.Matches($@"\n +[\d.]+ s  {stage}", said);
        Assert.Contains("No run was kept", said);
        Assert.False(Directory.Exists(folder["runs", "phantom"]));
        Assert.Empty(Directory.GetDirectories(folder["tmp"]));
    }

    [Theory]
    [InlineData("--fast", "--json")]
    [InlineData("--fast", "--until", "2h")]
    [InlineData("--dry-run", "--track")]
    public async Task WhatATrialCannotGiveIsRefused(string trial, params string[] options)
    {
        Spec(train: 16, epochs: 50);
        (int code, string said) = await Train([trial, .. options]);
        Assert.Equal(1, code);
        Assert.Contains($"{trial} keeps no run, so {options[0]} does not go with it.", said);
    }

    [Fact]
    public async Task AFastTrialFailsWhereTheRunWould()
    {
        RunSpec spec = Spec(train: 16, epochs: 50);
        foreach (string sheet in Directory.GetFiles(spec.Data.Set, "*.xlsx", SearchOption.AllDirectories))
            File.Delete(sheet);
        (int code, string said) = await Train("--fast");
        Assert.Equal(1, code);
        Assert.Contains("reads the reports and needs at least", said);
        Assert.Empty(Directory.GetDirectories(folder["tmp"]));
    }

    [Fact]
    public async Task AFinishedRunHasAPageWithScoresCurvesWorstImagesAndSpec()
    {
        RunSpec spec = Spec(train: 8, epochs: 2);
        (int code, string said) = await Train("--tensorboard", "--score-with", "Missing");
        Assert.True(code == 0, said);
        string own = new RunStore().FolderOf(spec);
        Assert.Single(TensorBoardLog.In(own));

        (code, said) = await ConsoleRun.Of(ReportRunCommand.Create(), spec.Hash[^6..], "--worst", "3");
        Assert.True(code == 0, said);
        Assert.Equal(Path.Combine(own, RunPage.FileName), said.Trim());
        string page = File.ReadAllText(said.Trim());
        foreach (string part in new[] { "<h2>Scores</h2>", "Test with another "
            + "text", "<h2>Curves</h2>", "data-c2fvl=", "Worst test images, by Dice", "9 images in 3 "
            + "rows", "Missing", "&quot;Scale&quot;: &quot;Phantom&quot;" })
            Assert.Contains(part, page);
        Assert.DoesNotMatch("(src|href)=\"https?://", page);

        File.Delete(Path.Combine(own, Trainer.BestName));
        (code, said) = await ConsoleRun.Of(ReportRunCommand.Create(), own, "--out", folder["page.html"]);
        Assert.Equal(0, code);
        Assert.Contains("These images cannot be drawn: ", File.ReadAllText(folder["page.html"]));
        (code, said) = await ConsoleRun.Of(ReportRunCommand.Create(), "no-such-run");
        Assert.Equal(1, code);
        Assert.Contains("There is no run no-such-run in ", said);
    }

    private static void SetTemporary(string path)
    {
        foreach (string name in new[] { "TMPDIR", "TMP" })
            Environment.SetEnvironmentVariable(name, path);
    }

    private RunSpec Spec(int train, int epochs)
    {
        RunSpec spec = TinyRun.Spec(folder["data"], train, epochs);
        File.WriteAllText(folder["spec.json"], spec.ToJson());
        return spec;
    }

    private Task<(int Code, string Said)> Train(params string[] options) =>
        ConsoleRun.Of(TrainCommand.Create(), ["--spec", folder["spec.json"], .. options]);
}
