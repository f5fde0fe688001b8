using System.Diagnostics;
using System.Runtime.InteropServices;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

/// <summary>
/// Every cell run five times over in one process, trainings too. Each run has a kernel of its own, as in the runner;
/// within one kernel the compiler keeps every cell that ever ran. Opt-in with C2FVL_SLOW=1, as it takes
/// minutes, and MALLOC_ARENA_MAX=1, which the workbook's own program sees to: what is free at the end of further arenas
/// cannot be given back and would count.
/// </summary>
[Collection(NotebookRunsCollection.Name)]
public sealed class NotebookMemoryTests : IDisposable
{
    private const int Runs = 5;

    private readonly TemporaryFolder stores = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        stores.Dispose();
    }

    [Theory]
    [InlineData("02-model")]
    [InlineData("03-training")]
    public async Task ResidentMemoryGrowsLessThanTenPercent(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "measures the GNU C library's heap, which Linux alone has");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("C2FVL_SLOW") == "1", "opt-in: set C2FVL_SLOW=1");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") == "1", "set MALLOC_ARENA_MAX=1, so that free memory can be told from used");
        string folder = Path.Combine(SharedData.Repository, "notebooks");
        Notebook notebook = NotebookFile.Read(Path.Combine(folder, name + ".ipynb"));
        var resident = new List<long>();
        for (int run = 0; run < Runs; run++)
        {
            Environment.SetEnvironmentVariable("C2FVL_RUNS", stores[$"{run}"]); // nothing is trained yet
            await RunAll(folder, notebook);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            _ = malloc_trim(0); // like the line before: what is free goes back to the system, so that it does not count
            using Process self = Process.GetCurrentProcess();
            resident.Add(self.WorkingSet64);
        }

        string all = $"resident MiB after each run: {string.Join(", ", resident.Select(r => r >> 20))}";
        TestContext.Current.TestOutputHelper!.WriteLine(all);

        Assert.True(resident.Max() < 1.1 * resident[0], all);
    }

    private static async Task RunAll(string folder, Notebook notebook)
    {
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder;
        try
        {
            using var kernel = new NotebookKernel(notebook.Name);
            int number = 0;
            foreach (NotebookCell cell in notebook.CodeCells)
                Assert.Null((await kernel.Run(cell.Source, ++number)).Fault);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [DllImport("libc.so.6")]
    private static extern int malloc_trim(nuint keep);
}
