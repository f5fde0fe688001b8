using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary><c>train</c> with a run of a few seconds, in a run store of its own.</summary>
[Collection(nameof(SeededTorch))]
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");
    private readonly RunSpec spec;

    public TrainCommandTests()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["runs"]);
        spec = TinyRun.Spec(folder["data"]);
        File.WriteAllText(folder["spec.json"], spec.ToJson());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        folder.Dispose();
    }

    [Fact]
    public async Task TheSetsStandFirstAndASecondTimeSaysThatItWasLoaded()
    {
        (int code, string said) = await Train();
        Assert.Equal(0, code);
        Assert.Contains("X-ray, split", said);
        Assert.Contains("\n  Train: 8 cases, ", said);
        Assert.Contains("8 of 8 reports understood\n  Val: 2 cases, ", said);
        Assert.True(said.IndexOf("Test: 4 cases", StringComparison.Ordinal) < said.IndexOf("epoch 1/1", StringComparison.Ordinal));
        Assert.DoesNotContain("NaN", said);
        Assert.Contains("reports understood: Train 8 of 8, Val 2 of 2, Test 4 of 4", said);
        Assert.DoesNotContain("loaded, finished on", said);
        Assert.DoesNotContain("demonstration", said); // own images, whatever the scale

        (code, said) = await Train();
        Assert.Equal(0, code);
        Assert.Matches(@"\nloaded, finished on \d{4}-\d\d-\d\d \d\d:\d\d UTC: ", said);
    }

    [Fact]
    public async Task AChangedMaskIsSaidAndTrainedAnewUnlessItIsAccepted()
    {
        await Train();
        string mask = Directory.GetFiles(Path.Combine(spec.Data.Set, "Test_Folder", "labelcol"))[0];
        ImageFile.Write(mask, new BinaryMask(32, 32));
        (int code, string said) = await Train("--accept-changed-data");
        Assert.Equal(0, code);
        Assert.Contains("the data have changed since (1 mask)", said);
        (code, said) = await Train();
        Assert.Equal(0, code);
        Assert.Contains("the data have changed since this run (1 mask), so it is trained again in", said);
        Assert.Contains("epoch 1/1", said);
        Assert.Equal(2, Directory.GetDirectories(folder["runs", "phantom"]).Length);
    }

    [Fact]
    public async Task ADryRunFailsWhereTheRunWouldAndNeitherLeavesAnything()
    {
        (int code, string said) = await Train("--dry-run");
        Assert.Equal(0, code);
        Assert.Contains("No run was written.", said);
        Assert.False(Directory.Exists(folder["runs"]));

        string mask = Directory.GetFiles(Path.Combine(spec.Data.Set, "Test_Folder", "labelcol"))[0];
        ImageFile.Write(mask, new BinaryMask(32, 31));
        foreach (string[] options in new string[][] { ["--dry-run"], [] })
        {
            (code, said) = await Train(options);
            Assert.Equal(1, code);
            Assert.Contains(mask, said);
            Assert.False(Directory.Exists(folder["runs"]));
        }
    }

    private Task<(int Code, string Said)> Train(params string[] options) =>
        ConsoleRun.Of(TrainCommand.Create(), ["--spec", folder["spec.json"], .. options]);
}
