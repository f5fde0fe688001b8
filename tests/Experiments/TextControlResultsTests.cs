using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class TextControlResultsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public TextControlResultsTests() => store = new RunStore(folder["runs"], folder["results"]);

    public void Dispose() => folder.Dispose();

    /// <summary>A finished run whose cases all have this Dice, in percent.</summary>
    private string Put(RunSpec spec, long dice)
    {
        string run = Directory.CreateDirectory(store.FolderOf(spec)).FullName;
        File.WriteAllText(Path.Combine(run, "spec.json"), spec.ToJson());
        HistoryFile.Write(Path.Combine(run, "history.csv"), [new(1, "train", 1e-3, 1, 1, 1, 0, 0.5, 0.5)]);
        PutCases(run, "cases.csv", dice);
        return run;
    }

    private static void PutCases(string run, string name, long dice) => CaseScoreFile.Write(
        Path.Combine(run, name), [new CaseScore("a", "p", dice, 100, 100, 4096), new CaseScore("b", "q", dice - 2, 100, 100, 4096)]);

    private static RunSpec Spec(string label) => PaperTables.TextControls(Scale.Mini).Single(row => row.Label == label).Spec;

    [Fact]
    public void WithoutRunsThereIsNothing()
    {
        var results = new TextControlResults(Scale.Mini, store);
        Assert.Equal(0, results.ScoreTable("Texts").RowCount);
        Assert.Equal(0, results.GainTable("Gains").RowCount);
    }

    [Fact]
    public void ANetworkIsShownOnceItWasScoredWithEveryText()
    {
        string run = Put(Spec("the report"), 80);
        foreach ((TextMode text, long dice) in new[] { (TextMode.Missing, 70L), (TextMode.ShuffledBetweenCases, 60), (TextMode.Mirrored, 50), (TextMode.WrongNumber, 75) })
            PutCases(run, $"cases-{text.ToString().ToLowerInvariant()}.csv", dice);
        Assert.Equal(0, new TextControlResults(Scale.Mini, store).ScoreTable("Texts").RowCount);
        PutCases(run, "cases-numberonly.csv", 65);

        var results = new TextControlResults(Scale.Mini, store);
        string[] lines = results.ScoreTable("Texts").ToMarkdown().Split('\n');
        Assert.Equal("| trained with | correct | missing | shuffled | mirrored | wrong number | number only |", lines[4]);
        Assert.Equal("| correct reports | 79.0 [78.0, 80.0] | 69.0 [68.0, 70.0] | 59.0 [58.0, 60.0] | 49.0 [48.0, 50.0] | 74.0 [73.0, 75.0] | 64.0 [63.0, 65.0] |", lines[6]);
        Assert.Equal([79, 69, 59, 49, 74, 64], Assert.Single(results.ScoreChart("Texts").Series).Y.Select(y => Math.Round(y, 9)));
    }

    [Fact]
    public void TheSharesAreOfTheReportsGain()
    {
        Put(Spec("the report"), 80);
        Put(Spec("ones"), 60);
        Assert.Equal(1, new TextControlResults(Scale.Mini, store).GainTable("Gains").RowCount); // the report itself
        Put(Spec("zones, wrong number"), 75);
        Put(Spec("number, no zones"), 62);

        var results = new TextControlResults(Scale.Mini, store);
        string[] lines = results.GainTable("Gains").ToMarkdown().Split('\n');
        Assert.Equal("| the report | +20.0 [+20.0, +20.0] | 100 [100, 100] |", lines[6]);
        Assert.Equal("| zones, wrong number | +15.0 [+15.0, +15.0] | 75 [75, 75] |", lines[7]);
        Assert.Equal("| number, no zones | +2.0 [+2.0, +2.0] | 10 [10, 10] |", lines[8]);
        Chart chart = results.ShareChart("Shares");
        Assert.Equal(["zones, wrong number", "number, no zones"], chart.Y.Categories!);
        Assert.Equal([75, 10], Assert.Single(chart.Series).X.Select(x => Math.Round(x, 9)));
    }

    [Fact]
    public void WhereTheReportGainsNothingNoShareIsShown()
    {
        Put(Spec("the report"), 60);
        Put(Spec("ones"), 60);
        Put(Spec("number, no zones"), 62);
        var results = new TextControlResults(Scale.Mini, store);
        Assert.Contains("| number, no zones | +2.0 [+2.0, +2.0] | – |", results.GainTable("Gains").ToMarkdown());
        Assert.Contains("no share", results.ShareChart("Shares").Subtitle);
        Assert.NotEmpty(results.ShareChart("Shares").ToPng());
    }
}
