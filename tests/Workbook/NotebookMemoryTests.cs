using System.Diagnostics;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

/// <summary>Every cell run five times over in one process, trainings too. Opt-in with C2FVL_SLOW=1: it takes minutes.</summary>
[Collection(NotebookRunsCollection.Name)]
public sealed class NotebookMemoryTests
{
    [Theory]
    [InlineData("02-model")]
    [InlineData("03-training")]
    public async Task ResidentMemoryGrowsLessThanTenPercent(string name)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("C2FVL_SLOW") == "1", "opt-in: set C2FVL_SLOW=1");
        string folder = Path.Combine(SharedData.Repository, "notebooks");
        Notebook notebook = NotebookFile.Read(Path.Combine(folder, name + ".ipynb"));
        using var host = new ScriptHost(folder, name);
        var resident = new List<long>();
        string? runs = Environment.GetEnvironmentVariable("C2FVL_RUNS");
        using var store = new TemporaryFolder();
        for (int pass = 0; pass < 5; pass++)
        {
            Environment.SetEnvironmentVariable("C2FVL_RUNS", store[$"{pass}"]); // nothing is finished yet
            int number = 0;
            foreach (NotebookCell cell in notebook.CodeCells)
            {
                CellFault? fault = await host.Run(cell.Source, ++number, new CellSink());
                Assert.Null(fault);
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive); // gives free managed memory back, so that it does not count
            using Process self = Process.GetCurrentProcess();
            resident.Add(self.WorkingSet64);
        }

        Environment.SetEnvironmentVariable("C2FVL_RUNS", runs);
        Assert.True(resident[^1] < 1.1 * resident[0], $"resident MiB after each pass: {string.Join(", ", resident.Select(r => r >> 20))}");
    }
}
