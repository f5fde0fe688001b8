using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

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
        Assert.Equal(100 * run.Cases.Average(c => c.Dice), (double)scores.Data.Columns["mean over images"][0], 9);
        Assert.Equal(100 * PooledScore.Of(run.Cases).IoU, (double)scores.Data.Columns["pooled"][1], 9);
        Assert.Equal(run.Cases.Count, RunFigures.DiceHistogram(run).Series.Single().Y.Sum());
        PictureGrid cases = RunFigures.BestMedianWorst(run);
        double best = run.Cases.Where(c => c.Truth > 0).Max(c => c.Dice), worst = run.Cases.Where(c => c.Truth > 0).Min(c => c.Dice);
        Assert.StartsWith(FormattableString.Invariant($"Dice {best:0.00}."), cases.Rows[0][0]!.Caption);
        Assert.StartsWith(FormattableString.Invariant($"Dice {worst:0.00}."), cases.Rows[0][2]!.Caption);
    }

    [Fact]
    public void ARunThatIsNotHereIsLeftOut()
    {
        Assert.Null(RunFigures.ValidationDice("none", ("a", null)));
    }

    [Fact]
    public void TheLearningRateIsDrawnOverTwoCycles()
    {
        Chart chart = RunFigures.LearningRate(new TrainingSettings { Epochs = 3, RestartPeriod = 2 });

        Assert.Equal([1.0, 2.0, 3.0, 4.0], chart.Series.Single().X.Distinct());
        Assert.Equal(1e-3, chart.Series.Single().Y[0]);
    }

    [Fact]
    public void TheLearningRateOfEveryStepIsDrawnOverTheRunAlone()
    {
        TrainingSettings training = Presets.For(Scale.Phantom).Training;
        Series rates = RunFigures.LearningRate(training).Series.Single();

        Assert.DoesNotContain(double.NaN, rates.Y); // the warm-up breaks no line
        Assert.Equal(training.Epochs, rates.X[^1], 9);
        Assert.InRange(rates.Y.Max() / training.LearningRate, 0.7, 1); // warm-up ends when the cosine has begun to fall
        Assert.True(rates.Y[0] < 0.05 * training.LearningRate); // the warm-up
        Assert.True(rates.Y[^1] < 0.05 * training.LearningRate);
    }
}
