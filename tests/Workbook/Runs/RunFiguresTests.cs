using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Runs;

namespace C2FVL.Tests.Workbook.Runs;

[Collection(nameof(SeededTorch))]
public sealed class RunFiguresTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARunIsShownWithItsOwnNumbers()
    {
        RunSpec spec = TinyRun.Spec(folder["set"], epochs: 2);
        Run run = new RunStore(folder["runs"], folder["results"]).GetOrTrain(spec, _ => { });

        Chart[] panels = [.. RunFigures.Curves(run).Panels];
        Assert.Equal(run.History.Select(e => e.Loss), panels[0].Series[0].Y);
        Assert.Equal(run.History.Select(e => e.ValPooledDice), panels[1].Series[1].Y);
        Table scores = RunFigures.Scores(run);
        Assert.Equal(100 * run.Cases.Average(c => c.Dice), ((Estimate)scores["mean over images"].Values[0]!).Value, 9);
        Assert.Equal(100 * PooledScore.Of(run.Cases).IoU, ((Estimate)scores["pooled"].Values[1]!).Value, 9);
        Assert.Equal(run.Cases.Count, RunFigures.DiceHistogram(run).Series.Single().Y.Sum());
    }
}
