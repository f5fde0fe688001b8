using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class DifferenceChartTests
{
    [Fact]
    public void ARunIsComparedCaseByCaseAndTheReferenceAndMissingRunsAreLeftOut()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder["runs"], folder["results"]);
        IReadOnlyList<ExperimentRow> rows = PaperTables.Table2(Scale.Mini);
        Put(store, rows[2].Spec, i => 50 + i);             // the default
        Put(store, rows[0].Spec, i => 60 + i);             // ten points better on every case
        Put(store, rows[3].Spec, i => 50 + i + (i % 2));   // a point better on every other case: p = 2 / 2^10
        Put(store, rows[1].Spec, i => 50 + i + (i % 2 == 0 ? 1 : -1)); // as often better as worse

        Chart chart = DifferenceChart.Create("Table 2", rows, store.Find(rows[2].Spec)!, "the default", store);
        Assert.Equal(["batch size 2 *", "batch size 4", "learning rate 1e-4 *"], chart.Y.Categories!);
        Series series = Assert.Single(chart.Series);
        Assert.Equal([10, 0, 0.5], series.X.Select(x => Math.Round(x, 9)));
        Assert.Equal(10, series.Low![0], 9);
        Assert.InRange(0.5, series.Low[2], series.High![2]);
        Assert.EndsWith("Holm over 3", chart.Subtitle);
        Assert.Contains("; 95 % intervals over patients; ", chart.Subtitle);

        RunSpec elsewhere = rows[0].Spec with { Threads = rows[0].Spec.Threads + 1 };
        Directory.Delete(store.FolderOf(rows[0].Spec), recursive: true);
        Put(store, elsewhere, i => 60 + i);
        Assert.Contains(
            "Holm over 3. Runs made in different ways: ",
            DifferenceChart.Create("Table 2", rows, store.Find(rows[2].Spec)!, "the default", store).Subtitle);
    }

    private static void Put(RunStore store, RunSpec spec, Func<int, long> dice)
    {
        string run = Directory.CreateDirectory(store.FolderOf(spec)).FullName;
        File.WriteAllText(Path.Combine(run, "spec.json"), spec.ToJson());
        HistoryFile.Write(Path.Combine(run, "history.csv"), [new(1, "train", 1e-3, 1, 1, 1, 0, 0.5, 0.5)]);
        CaseScoreFile.Write(Path.Combine(run, "cases.csv"), Enumerable.Range(0, 20).Select(i => new CaseScore($"c{i}", $"p{i}", dice(i), 100, 100, 4096)));
    }
}
