using C2FVL.Data;
using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class ScoreSummaryTests
{
    private static readonly CaseScore[] Three =
    [
        new("a1", "A", 30, 40, 60, 100), // Dice 0.6, IoU 3/7, sensitivity 1/2, precision 3/4
        new("a2", "A", 0, 0, 0, 100),    // empty on empty: 1
        new("b1", "B", 0, 10, 0, 100),   // something on empty: 0
    ];

    [Fact]
    public void MeanAndPooledAreWorkedByHand()
    {
        ScoreSummary summary = ScoreSummary.Of(Three);

        Assert.Equal((3, 2), (summary.Cases, summary.Patients));
        Assert.Equal(1.6 / 3, summary.MeanDice.Value, 14);
        Assert.Equal(((3.0 / 7) + 1) / 3, summary.MeanIoU.Value, 14);
        Assert.Equal(1.5 / 3, summary.MeanSensitivity.Value, 14);
        Assert.Equal(1.75 / 3, summary.MeanPrecision.Value, 14);

        // All pixels together: 30 in both, 50 predicted, 60 true.
        Assert.Equal(60.0 / 110, summary.PooledDice.Value, 14);
        Assert.Equal(30.0 / 80, summary.PooledIoU.Value, 14);
        Assert.Equal(0.5, summary.PooledSensitivity.Value, 14);
        Assert.Equal(0.6, summary.PooledPrecision.Value, 14);
        Assert.Equal(summary.PooledDice.Value, PooledScore.Of(Three).Dice);
    }

    [Fact]
    public void PooledIoUFollowsFromPooledDiceAndTheMeanDoesNot()
    {
        ScoreSummary summary = ScoreSummary.Of(ScoresFor.Random(40, 1, seed: 5));
        Assert.Equal(FromDice(summary.PooledDice.Value), summary.PooledIoU.Value, 14);
        // An interval's end lies between two resamples, linearly, so there the relation is not exact.
        Assert.Equal(FromDice(summary.PooledDice.Low), summary.PooledIoU.Low, 6);
        Assert.Equal(FromDice(summary.PooledDice.High), summary.PooledIoU.High, 6);
        Assert.True(summary.MeanIoU.Value - FromDice(summary.MeanDice.Value) > 1e-3);

        static double FromDice(double dice) => dice / (2 - dice);
    }

    [Fact]
    public void TheOrderOfCasesDoesNotMatterAndTheSeedDoes()
    {
        CaseScore[] scores = ScoresFor.Random(30, 2, seed: 8);
        ScoreSummary summary = ScoreSummary.Of(scores, seed: 1);
        Assert.Equal(summary, ScoreSummary.Of(scores.Reverse().ToArray(), seed: 1));
        Assert.NotEqual(summary.MeanDice, ScoreSummary.Of(scores, seed: 2).MeanDice);
    }

    [Fact]
    public void TheWholeTestSetHasTheIntervalOfTheCentralLimit()
    {
        // 2113 cases as in QaTa's test set, each its own patient, so the standard error is known.
        CaseScore[] scores = ScoresFor.Random(2113, 1, seed: 11);
        Estimate dice = ScoreSummary.Of(scores).MeanDice;
        double mean = scores.Average(s => s.Dice);
        double error = Math.Sqrt(scores.Sum(s => Math.Pow(s.Dice - mean, 2)) / scores.Length / scores.Length);
        Assert.Equal(mean, dice.Value, 12);
        Assert.InRange((dice.Value - dice.Low) / (1.96 * error), 0.9, 1.1);
        Assert.InRange((dice.High - dice.Value) / (1.96 * error), 0.9, 1.1);
    }

    [Fact]
    public void WithoutResamplesThereIsNoInterval()
    {
        ScoreSummary summary = ScoreSummary.Of(Three, resamples: 0);
        Assert.Equal(1.6 / 3, summary.MeanDice.Value, 14);
        Assert.Equal("0.533", summary.MeanDice.ToString());
    }

    [Fact]
    public void DistancesAreAveragedOverTheImagesThatHaveThem()
    {
        CaseScore[] scores =
        [
            Three[0] with { Hd95 = 10, Assd = 2, Seconds = 0.1 },
            Three[1] with { Seconds = 0.3 },
            new("c1", "C", 1, 2, 2, 100) { Hd95 = 4, Assd = 1, Seconds = 0.2 },
        ];
        ScoreSummary summary = ScoreSummary.Of(scores);
        Assert.Equal((7, 1.5, 2), (summary.MeanHd95.Value, summary.MeanAssd.Value, summary.CasesWithDistances));
        Assert.Equal((4, 10), (summary.MeanHd95.Low, summary.MeanHd95.High));
        Assert.Equal(0.2, summary.SecondsPerCase, 15);
        Assert.Equal(ScoreSummary.Of([.. scores.Select(score => score with { Hd95 = double.NaN, Assd = double.NaN })]).MeanDice, summary.MeanDice);
    }

    [Fact]
    public void ResamplesWithoutADistanceAreLeftOutOfItsInterval()
    {
        // Of two patients one has a distance: a quarter of the resamples draws the other twice.
        Estimate hd95 = ScoreSummary.Of([Three[0] with { Hd95 = 10, Assd = 2 }, Three[2]]).MeanHd95;
        Assert.Equal(new Estimate(10, 10, 10), hd95);
    }

    [Fact]
    public void ScoresOfOlderVersionsHaveNoDistances()
    {
        ScoreSummary summary = ScoreSummary.Of(Three);
        Assert.Equal(new Estimate(double.NaN, double.NaN, double.NaN), summary.MeanHd95);
        Assert.Equal((0, double.NaN), (summary.CasesWithDistances, summary.SecondsPerCase));
    }

    [Fact]
    public void NoScoresAreAnError() =>
        Assert.StartsWith("No case was scored, so there is nothing to estimate.", Assert.Throws<ArgumentException>(() => ScoreSummary.Of([])).Message);
}
