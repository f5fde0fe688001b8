using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Workbook.Runs;

/// <summary>The figures of one run: how it was trained and how well it scores on the test set.</summary>
internal static class RunFigures
{
    /// <summary>Each epoch's training loss with its terms, and its validation Dice in both conventions.</summary>
    public static ChartGrid Curves(Run run) => new("The run's curves")
    {
        Subtitle = run.Spec.Scale.Caption(),
        Panels =
        [
            new Chart("Training loss")
            {
                X = new Axis("epoch"),
                Y = new Axis("loss") { Min = 0 },
                Series =
                [
                    ByEpoch("all terms", run, e => e.Loss),
                    ByEpoch("Dice", run, e => e.DiceLoss),
                    ByEpoch("cross entropy", run, e => e.BceLoss),
                    ByEpoch("cosine", run, e => e.CosineLoss),
                ],
            },
            new Chart("Validation Dice")
            {
                X = new Axis("epoch"),
                Y = new Axis("Dice") { Min = 0, Max = 1 },
                Series = [
                    ByEpoch("mean over images", run, e => e.ValMeanDice), ByEpoch("pooled", run, e => e.ValPooledDice)],
            },
        ],
    };

    private static Series ByEpoch(string name, Run run, Func<EpochRecord, double> value) =>
        Series.Line(name, run.History.Select(e => (double)e.Epoch), run.History.Select(value));

    /// <summary>The test scores in both conventions: percent with 95 % intervals.</summary>
    public static Table Scores(Run run)
    {
        ScoreSummary s = ScoreSummary.Of(run.Cases);
        (string Name, Estimate Mean, Estimate Pooled)[] rows =
        [
            ("Dice", s.MeanDice, s.PooledDice),
            ("IoU", s.MeanIoU, s.PooledIoU),
            ("sensitivity", s.MeanSensitivity, s.PooledSensitivity),
            ("precision", s.MeanPrecision, s.PooledPrecision),
        ];
        return new TableBuilder<(string Name, Estimate Mean, Estimate Pooled)>(rows)
            .Words("score", row => row.Name)
            .Percent("mean over images", row => row.Mean)
            .Percent("pooled", row => row.Pooled)
            .Make(
                $"Test scores of {run.Spec.Model.Name} in percent, with 95 % intervals",
                $"{run.Spec.Scale.Caption()}; {s.Cases} test images of {s.Patients} patients; intervals "
                    + $"{PatientBootstrap.Over(run.Cases)}");
    }

    /// <summary>How the Dice of the test images is distributed.</summary>
    public static Chart DiceHistogram(Run run) => new("Dice of the test images")
    {
        Subtitle = run.Spec.Scale.Caption(),
        X = new Axis("Dice") { Min = 0, Max = 1 },
        Y = new Axis("test images"),
        Series = [Series.Histogram("test images", run.Cases.Select(c => c.Dice), 0, 1, 20)],
        Lines =
        [
            new ReferenceLine(run.Cases.Average(c => c.Dice), "mean", Vertical: true),
            new ReferenceLine(PooledScore.Of(run.Cases).Dice, "pooled", Vertical: true),
        ],
        Height = 340,
    };
}
