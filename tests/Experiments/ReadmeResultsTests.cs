using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

/// <summary>README's table of results is what the tracked scores of each case give.</summary>
public sealed class ReadmeResultsTests
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(SharedData.Repository, "README.md"));

    public static TheoryData<string> Systems => [.. ModelCatalog.Names];

    [Theory]
    [MemberData(nameof(Systems))]
    public void ARowIsTheTrackedRuns(string model) =>
        AssertRow(row => row == model || row == $"{model}, from scratch", Presets.For(Scale.Mini, model: model));

    [Fact]
    public void TheRowWithoutTextIsTheTrackedRuns() =>
        AssertRow(row => row.Contains("--text Missing", StringComparison.Ordinal), Presets.For(Scale.Mini) with { Text = TextMode.Missing });

    private static void AssertRow(Predicate<string> isIt, RunSpec spec)
    {
        string[] row = Assert.Single(Readme.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ")), cells => isIt(cells[0].Trim('*')) && cells.Length == 5);
        using var folder = new TemporaryFolder();
        ScoreSummary scores = ScoreSummary.Of(new RunStore(folder.Path).Find(spec)!.Cases);
        Assert.Equal(new[] { scores.MeanDice, scores.MeanIoU, scores.PooledDice, scores.PooledIoU }.Select(Percent), row[1..]);
    }

    private static string Percent(Estimate e) => string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.00} [{100 * e.Low:0.00}, {100 * e.High:0.00}]");
}
