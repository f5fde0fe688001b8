using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

public sealed class ScoreTableTests
{
    [Fact]
    public void WhatIsThereIsShownBesideThePapersNumbersAndWhatIsMissingIsSaid()
    {
        using var folder = new TemporaryFolder();
        RunSpec spec = Presets.For(Scale.Mini);
        string run = Directory.CreateDirectory(folder["runs", "mini", spec.Name]).FullName;
        File.WriteAllText(Path.Combine(run, "spec.json"), spec.ToJson());
        C2FVL.Training.HistoryFile.Write(Path.Combine(run, "history.csv"), [new(1, "train", 1e-3, 1, 1, 1, 0, 0.5, 0.5)]);
        CaseScoreFile.Write(Path.Combine(run, "cases.csv"), [new("a", "p", 40, 50, 50, 4096), new("b", "q", 40, 50, 50, 4096)]);

        IReadOnlyList<ExperimentRow> rows = PaperTables.Table2(Scale.Mini);
        Table table = ScoreTable.Of("Table 2", rows, new RunStore(folder["runs"], folder["results"]));
        string[] lines = table.ToMarkdown().Split('\n');
        Assert.Contains("2 of 6 rows have a finished run.", lines[2]);
        Assert.Equal("|  |  | mean Dice | mean IoU | pooled Dice | paper's mean Dice (quoted) | paper's mean IoU (quoted) |", lines[4]);
        Assert.Equal("| batch size | 2 | – | – | – | 82.03 | 73.32 |", lines[6]);
        Assert.Equal("| batch size | 8 | 80.0 [80.0, 80.0] | 66.7 [66.7, 66.7] | 80.0 [80.0, 80.0] | 83.32 | 74.57 |", lines[8]);
    }

    [Fact]
    public void ThePapersNumbersAreMarkedAtEveryScaleAndStandWhereTheRowIsThePapers()
    {
        using var folder = new TemporaryFolder();
        Table table = ScoreTable.Of("Table 2", PaperTables.Table2(Scale.Phantom), new RunStore(folder["runs"], folder["results"]));
        string[] lines = table.ToMarkdown().Split('\n');
        Assert.StartsWith("phantom preset: drawn images, for demonstration only", lines[2]);
        Assert.EndsWith("| paper's mean Dice (quoted) | paper's mean IoU (quoted) |", lines[4]);
        Assert.EndsWith("| 83.40 | 74.62 |", Assert.Single(lines, line => line.StartsWith("| batch size | 4 |")));
        Assert.EndsWith("| \u2013 | \u2013 |", Assert.Single(lines, line => line.StartsWith("| learning rate | 1e-1 |"))); // the paper has no such rate
    }

    [Fact]
    public void DistancesHaveColumnsWhereARunHasThem()
    {
        using var folder = new TemporaryFolder();
        RunSpec spec = Presets.For(Scale.Mini);
        string run = Directory.CreateDirectory(folder["runs", "mini", spec.Name]).FullName;
        File.WriteAllText(Path.Combine(run, "spec.json"), spec.ToJson());
        C2FVL.Training.HistoryFile.Write(Path.Combine(run, "history.csv"), [new(1, "train", 1e-3, 1, 1, 1, 0, 0.5, 0.5)]);
        CaseScore one = new("a", "p", 40, 50, 50, 4096) { Hd95 = 7, Assd = 2, Seconds = 0.25 };
        CaseScoreFile.Write(Path.Combine(run, "cases.csv"), [one, new("b", "q", 0, 0, 50, 4096) { Seconds = 0.25 }]);

        Table table = ScoreTable.Of("Table 2", PaperTables.Table2(Scale.Mini), new RunStore(folder["runs"], folder["results"]));
        string[] lines = table.ToMarkdown().Split('\n');
        Assert.Contains("| pooled Dice | HD95, pixels | ASSD, pixels | images with distances | seconds per case |", lines[4]);
        Assert.Contains("| 7.0 [7.0, 7.0] | 2.00 [2.00, 2.00] | 1 | 0.250 |", lines[8]);
        Assert.Contains("neither mask is empty, in pixels at the scored size", lines[2]);
    }

    [Fact]
    public void WithoutAQuotedRowThereAreNoColumnsForThem()
    {
        using var folder = new TemporaryFolder();
        Assert.DoesNotContain("quoted", ScoreTable.Of("Texts", PaperTables.TextControls(Scale.Phantom), new RunStore(folder["runs"], folder["results"])).ToMarkdown());
    }
}
