using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>The figures of one run: how it was trained and how well it scores on the test set.</summary>
public static class RunFigures
{
    /// <summary>
    /// The learning rate over a run if it changes at every step, else of each epoch over at least two cycles.
    /// </summary>
    public static Chart LearningRate(TrainingSettings training)
    {
        int shown = training.ScheduleByStep ? training.Epochs : Math.Max(training.Epochs, 2 * training.RestartPeriod);
        int steps = training.ScheduleByStep ? 50 : 1; // an epoch
        (int Epoch, int Step)[] points = [
            .. from epoch in Enumerable.Range(0, shown) from step in Enumerable.Range(0, steps) select (epoch, step)];
        Series rates = Series.Line(
            "learning rate", points.Select(p => p.Epoch + ((p.Step + 1.0) / steps)),
            points.Select(p => training.LearningRateAt(p.Epoch, training.Epochs, p.Step, steps)));
        return new Chart("The learning rate")
        {
            Subtitle = $"schedule over {shown} epochs; a run of this preset has {training.Epochs}",
            X = new Axis("epoch"),
            Y = new Axis("learning rate") { Min = 0 },
            // Broken at a restart; the warm-up rises in small steps.
            Series = [rates.BrokenWhere((before, after) => after - before > 0.3 * training.LearningRate)],
            Height = 300,
        };
    }

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

    /// <summary>The validation Dice of several runs against the epoch.</summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="runs">What each run is called, and the run; null where it is not here.</param>
    /// <returns>The chart; null where no run is here.</returns>
    public static Chart? ValidationDice(string title, params (string Name, Run? Run)[] runs) =>
        runs.FirstOrDefault(r => r.Run is not null).Run is not Run first ? null : new Chart(title)
        {
            Subtitle = first.Spec.Scale.Caption(),
            X = new Axis("epoch"),
            Y = new Axis("mean Dice over images") { Min = 0, Max = 1 },
            Series = [
                .. runs.Where(r => r.Run is not null).Select(r => ByEpoch(r.Name, r.Run!, e => e.ValMeanDice))],
        };

    private static Series ByEpoch(string name, Run run, Func<EpochRecord, double> value) =>
        Series.Line(name, run.History.Select(e => (double)e.Epoch), run.History.Select(value));

    /// <summary>The test scores in both conventions: percent with 95 % intervals.</summary>
    public static Table Scores(Run run)
    {
        ScoreSummary s = ScoreSummary.Of(run.Cases);
        var table = new TableBuilder<(string Name, Estimate Mean, Estimate Pooled)>(
        [
            ("Dice", s.MeanDice, s.PooledDice),
            ("IoU", s.MeanIoU, s.PooledIoU),
            ("sensitivity", s.MeanSensitivity, s.PooledSensitivity),
            ("precision", s.MeanPrecision, s.PooledPrecision),
        ]);
        table.Words("score", row => row.Name);
        table.Percent("mean over images", row => row.Mean);
        table.Percent("pooled", row => row.Pooled);
        return table.Make(
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

    /// <summary>
    /// The two best, median and worst test images that have a lesion, with found and missed pixels; one of each where
    /// there are fewer than six.
    /// </summary>
    /// <exception cref="FileNotFoundException">The run has no weights; the message says how to get them.</exception>
    public static PictureGrid BestMedianWorst(Run run)
    {
        CaseScore[] ranked = run.Ranked;
        IEnumerable<CaseScore[]> rows = Enumerable.Range(0, ranked.Length < 6 ? 1 : 2)
            .Select(i => new[] { ranked[i], ranked[(ranked.Length / 2) + i], ranked[^(i + 1)] });
        RunData data = run.OpenData();
        using SegmentationModel model = run.LoadModel();
        return new PictureGrid("Best, median and worst test images")
        {
            Subtitle = run.Spec.Scale.Caption(),
            Rows = [.. rows.Select(row => row.Select(Told).ToArray())],
            ColumnCaptions = ["best", "median", "worst"],
            Legend = Overlay.CompareLegend,
            TileWidth = 210,
        };

        Picture Told(CaseScore score)
        {
            Sample sample = data.ReadSample(run.Spec, score.CaseId);
            Picture compared = Compared(model, sample, run.Spec.Model.ImageSize);
            return compared with { Caption = $"{compared.Caption}. {sample.Report?.ToSentence()}" };
        }
    }

    /// <summary>A model's found and missed pixels of one image, and the Dice as the caption.</summary>
    internal static Picture Compared(SegmentationModel model, Sample sample, int imageSize)
    {
        BinaryMask predicted = Predictor.Threshold(
            Predictor.Predict(model, sample.Image, sample.Report, imageSize));
        double dice = CaseScore.Of(sample.Case.Id, "", predicted, sample.Mask).Dice;
        return Overlay.Compare(sample.Image, predicted, sample.Mask) with
        { Caption = FormattableString.Invariant($"Dice {dice:0.00}") };
    }
}
