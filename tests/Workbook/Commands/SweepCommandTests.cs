using System.CommandLine;
using C2FVL.Experiments;
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

    private static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using var said = new StringWriter();
        Console.SetOut(said);
        Console.SetError(said);
        try
        {
            return (await CommandRunner.Run(new RootCommand { SweepCommand.Create() }, ["sweep", .. arguments]), said.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    [Fact]
    public async Task SlurmWritesTheJobAndSaysHowToStartIt()
    {
        (int code, string output) = await Run("table2", "--scale", "mini", "--threads", "4", "--slurm");
        Assert.Equal(0, code);
        string job = folder["runs", "slurm", "table2-mini.sbatch"];
        Assert.Equal($"5 tasks. Start them with:\nsbatch {job}\n", output.ReplaceLineEndings("\n"));
        Assert.Contains("--cpus-per-task=4\n", File.ReadAllText(job));
        Assert.Equal(5, Directory.GetFiles(folder["runs", "specs", "mini"]).Length);
        Assert.All(Directory.GetFiles(folder["runs", "specs", "mini"]), file => Assert.Equal(4, RunSpec.Load(file).Threads));
    }

    [Fact]
    public async Task AnUnknownListIsRefused()
    {
        (int code, string output) = await Run("table9");
        Assert.NotEqual(0, code);
        Assert.Contains("text-controls", output);
    }
}
