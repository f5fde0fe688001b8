using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class SweepCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");

    public SweepCommandTests() => Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["runs"]);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        folder.Dispose();
    }

    private static Task<(int Code, string Said)> Run(params string[] arguments) => ConsoleRun.Of(SweepCommand.Create(), arguments);

    [Fact]
    public async Task SlurmWritesTheJobAndSaysHowToStartIt()
    {
        (int code, string output) = await Run("table2", "--scale", "mini", "--threads", "4", "--slurm");
        Assert.Equal(0, code);
        string job = folder["runs", "slurm", "table2-mini.sbatch"];
        Assert.Equal($"5 tasks. Start them with:\nsbatch {job}\n", output);
        Assert.Contains("--cpus-per-task=4\n", File.ReadAllText(job));
        Assert.Equal(5, Directory.GetFiles(folder["runs", "specs", "mini"]).Length);
        Assert.All(Directory.GetFiles(folder["runs", "specs", "mini"]), file => Assert.Equal(4, RunSpec.Load(file).Threads));
    }

    [Fact]
    public async Task FoldsAreRunsOfTheirOwn()
    {
        (int code, string output) = await Run("table2", "--scale", "mini", "--folds", "3", "--slurm");
        Assert.Equal(0, code);
        Assert.StartsWith("15 tasks. Start them with:", output);
        RunSpec[] specs = [.. Directory.GetFiles(folder["runs", "specs", "mini"]).Select(RunSpec.Load)];
        Assert.All(specs, spec => Assert.Equal(3, spec.Data.Folds));
        Assert.All(specs.CountBy(spec => spec.Data.Fold ?? 0), fold => Assert.Equal(5, fold.Value));
        Assert.True(File.Exists(folder["runs", "slurm", "table2-mini-3-folds.sbatch"]));
    }

    /// <summary>By the look at the data, before any process starts, and not again by the five runs.</summary>
    [Fact]
    public async Task DataThatAreNotHereAreSaidOnce()
    {
        Assert.SkipWhen(Workspace.FindData("QaTa-COV19") is not null, "the data set is on this machine");
        (int code, string output) = await Run("table2", "--scale", "mini", "--seed", "12345");
        Assert.Equal(1, code);
        Assert.Equal(2, output.Split("The data set QaTa-COV19 is not on this machine.").Length);
        Assert.DoesNotContain("runs failed", output);
    }

    [Fact]
    public async Task ASpaceInTheStoresPathIsQuotedForTheShell()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["my runs"]);
        (int code, string output) = await Run("table2", "--scale", "mini", "--slurm");
        Assert.Equal(0, code);
        Assert.EndsWith($"\nsbatch '{folder["my runs", "slurm", "table2-mini.sbatch"]}'\n", output);
    }

    [Fact]
    public async Task AnUnknownListIsRefused()
    {
        (int code, string output) = await Run("table9");
        Assert.NotEqual(0, code);
        Assert.Contains("text-controls", output);
    }
}
