using C2FVL.Data;
using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class PatientBootstrapTests
{
    [Fact]
    public void TwoPatientsGiveTheirOwnValuesAsEnds()
    {
        // A resample is both, or one of them twice; each of the latter comes up a quarter of the time, more than 2.5 %.
        Estimate estimate = PatientBootstrap.Estimate([[1, 0.2], [1, 0.6]], Mean, seed: 0)[0];
        Assert.Equal(0.4, estimate.Value, 15);
        Assert.Equal(0.2, estimate.Low, 15);
        Assert.Equal(0.6, estimate.High, 15);
    }

    [Fact]
    public void APatientOfManyImagesWeighsByThem()
    {
        Estimate estimate = PatientBootstrap.Estimate([[3, 0.6], [1, 1.0]], Mean, seed: 0)[0];
        Assert.Equal(0.4, estimate.Value, 15);
        Assert.Equal((0.2, 1.0), (Math.Round(estimate.Low, 12), estimate.High));
    }

    [Fact]
    public void WhatIsDrawnIsSaidInWords()
    {
        CaseScore[] known = [ScoresFor.Dice("a", "p", 0.5), ScoresFor.Dice("b", "b", 0.5)], unknown = [ScoresFor.Dice("a", "a", 0.5), ScoresFor.Dice("b", "b", 0.5)];
        Assert.Equal("over patients", PatientBootstrap.Over(known)); // a case without a patient is one
        Assert.Equal("over images, patients unknown", PatientBootstrap.Over(unknown));
        Assert.Equal("over images, patients unknown", PatientBootstrap.Over([.. unknown, .. unknown])); // two runs
        Assert.Equal("over patients (CT: over images, patients unknown)", PatientBootstrap.Over([("X-ray", known), ("CT", unknown)]));
        Assert.Equal("over images, patients unknown", PatientBootstrap.Over([("X-ray", []), ("CT", unknown)]));
        Assert.Equal("over patients", PatientBootstrap.Over(Array.Empty<CaseScore>()));
    }

    [Fact]
    public void OnePatientHasNoInterval()
    {
        Estimate estimate = PatientBootstrap.Estimate([[3, 1.5]], Mean, seed: 0)[0];
        Assert.Equal(new Estimate(0.5, double.NaN, double.NaN), estimate);
        Assert.Equal("0.500", estimate.ToString());
    }

    [Fact]
    public void TheIntervalCoversTheTruthAsOftenAsItSaysAndOneOverImagesDoesNot()
    {
        const int Experiments = 150;
        int byPatient = 0, byImage = 0;
        for (int experiment = 0; experiment < Experiments; experiment++)
        {
            CaseScore[] scores = ScoresFor.Random(patients: 30, imagesEach: 4, seed: experiment);
            byPatient += Covers(scores);
            byImage += Covers([.. scores.Select(score => score with { Group = score.CaseId })]);
        }

        Assert.InRange(byPatient / (double)Experiments, 0.91, 0.98);
        Assert.InRange(byImage / (double)Experiments, 0.5, 0.8);

        static int Covers(CaseScore[] scores)
        {
            Estimate mean = ScoreSummary.Of(scores, resamples: 150).MeanDice;
            return mean.Low <= 0.6 && 0.6 <= mean.High ? 1 : 0;
        }
    }

    /// <summary>The second sum over the first.</summary>
    private static double[] Mean(double[] sums) => [sums[1] / sums[0]];
}
