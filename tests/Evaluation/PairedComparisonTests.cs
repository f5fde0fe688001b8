using C2FVL.Data;
using C2FVL.Evaluation;

namespace C2FVL.Tests.Evaluation;

public sealed class PairedComparisonTests
{
    [Fact]
    public void ThreePatientsAreComparedByHand()
    {
        CaseScore[] reference = [Dice("a", "A", 0.5), Dice("b", "B", 0.6), Dice("c", "C", 0.7)];
        CaseScore[] other = [Dice("c", "C", 0.4), Dice("a", "A", 0.4), Dice("b", "B", 0.4)];

        PairedComparison comparison = PairedComparison.Of(reference, other);

        // Differences -0.1, -0.2, -0.3: mean -0.2, standard deviation 0.1; two of eight sign patterns are as large.
        Assert.Equal((3, 3), (comparison.Cases, comparison.Patients));
        Assert.Equal(-0.2, comparison.MeanDiceDifference.Value, 12);
        Assert.Equal(-0.3, comparison.MeanDiceDifference.Low, 12);
        Assert.Equal(-0.1, comparison.MeanDiceDifference.High, 12);
        Assert.Equal(-2, comparison.CohensDz, 9);
        Assert.Equal(0.25, comparison.PValue);
    }

    [Fact]
    public void PooledDifferencesPoolFirst()
    {
        CaseScore[] reference = [new("a", "A", 10, 10, 10, 100), new("b", "B", 0, 0, 30, 100)];
        CaseScore[] other = [new("a", "A", 0, 0, 10, 100), new("b", "B", 30, 30, 30, 100)];

        PairedComparison comparison = PairedComparison.Of(reference, other);

        // Pooled Dice 20/50 against 60/70, while the mean over images is 1/2 for both.
        Assert.Equal((60.0 / 70) - (20.0 / 50), comparison.PooledDiceDifference.Value, 14);
        Assert.Equal(0, comparison.MeanDiceDifference.Value);
        Assert.Equal(1, comparison.PValue);
        Assert.Equal(0, comparison.CohensDz);
    }

    [Fact]
    public void ImagesOfOnePatientDoNotPassForIndependent()
    {
        // Twelve images, each better by 0.1: of twelve patients, p is 2/2^12; of three patients, 2/2^3.
        CaseScore[] twelve = [.. Enumerable.Range(0, 12).Select(i => Dice($"c{i}", $"c{i}", 0.5))];
        CaseScore[] three = [.. twelve.Select((score, i) => score with { Group = $"p{i % 3}" })];

        Assert.Equal(2 / 4096.0, PairedComparison.Of(twelve, Better(twelve)).PValue);
        Assert.Equal(2 / 8.0, PairedComparison.Of(three, Better(three)).PValue);

        static CaseScore[] Better(CaseScore[] scores) => [.. scores.Select(s => s with { Intersection = s.Intersection + 1000 })];
    }

    [Fact]
    public void AMethodAgainstItselfDiffersInNothing()
    {
        CaseScore[] scores = ScoresFor.Random(30, 2, seed: 2);
        PairedComparison comparison = PairedComparison.Of(scores, scores.Reverse().ToArray());
        Assert.Equal(new Estimate(0, 0, 0), comparison.MeanDiceDifference);
        Assert.Equal(new Estimate(0, 0, 0), comparison.PooledDiceDifference);
        Assert.Equal((1, 0), (comparison.PValue, comparison.CohensDz));
    }

    [Fact]
    public void TheOrderOfCasesChangesNoBit()
    {
        CaseScore[] reference = ScoresFor.Random(50, 2, seed: 2), other = ScoresFor.Random(50, 2, seed: 3);
        Assert.Equal(PairedComparison.Of(reference, other), PairedComparison.Of(reference.Reverse().ToArray(), other));
    }

    [Fact]
    public void ManyFalseAlarmsAreNotRaised()
    {
        // Two methods alike but for chance: p at or below 0.05 about one time in twenty.
        int alarms = Enumerable.Range(0, 200).Count(i =>
            PairedComparison.Of(ScoresFor.Random(25, 2, i), ScoresFor.Random(25, 2, 1000 + i)).PValue <= 0.05);
        Assert.InRange(alarms, 2, 20);
    }

    [Fact]
    public void RunsOfOneSeedEachAreComparedTogether()
    {
        CaseScore[] a1 = ScoresFor.Random(12, 2, seed: 1), a2 = ScoresFor.Random(12, 2, seed: 2);
        CaseScore[] b1 = ScoresFor.Random(12, 2, seed: 3), b2 = ScoresFor.Random(12, 2, seed: 4);

        PairedComparison both = PairedComparison.OfRuns([a1, a2], [b1, b2]);
        double first = PairedComparison.Of(a1, b1).MeanDiceDifference.Value, second = PairedComparison.Of(a2, b2).MeanDiceDifference.Value;

        Assert.Equal((24, 12), (both.Cases, both.Patients));
        Assert.Equal((first + second) / 2, both.MeanDiceDifference.Value, 12);
    }

    [Fact]
    public void MoreRunsAreNoMorePatients()
    {
        // The same two runs given five times over say no more than once.
        CaseScore[] reference = ScoresFor.Random(14, 2, seed: 1), other = ScoresFor.Random(14, 2, seed: 3);
        PairedComparison once = PairedComparison.Of(reference, other);
        PairedComparison often = PairedComparison.OfRuns([.. Enumerable.Repeat(reference, 5)], [.. Enumerable.Repeat(other, 5)]);

        Assert.Equal(once.PValue, often.PValue);
        Assert.Equal(once.CohensDz, often.CohensDz, 9);
        Assert.Equal(once.MeanDiceDifference.Low, often.MeanDiceDifference.Low, 9);
        Assert.Equal(once.PooledDiceDifference.High, often.PooledDiceDifference.High, 9);
    }

    [Fact]
    public void RunsThatDoNotPairAreRefused()
    {
        CaseScore[] all = ScoresFor.Random(4, 1, seed: 0);
        Assert.StartsWith("The reference has 2 runs and the other method 1.", Assert.Throws<ArgumentException>(() => PairedComparison.OfRuns([all, all], [all])).Message);
        Assert.Contains("lack 1 of", Assert.Throws<ArgumentException>(() => PairedComparison.OfRuns([all, all[1..]], [all, all[1..]])).Message);
    }

    [Fact]
    public void MissingCasesAreNamed()
    {
        CaseScore[] all = ScoresFor.Random(8, 1, seed: 0);
        Assert.Equal(
            "The other scores lack 6 of the reference scores' cases: p2-0, p3-0, p4-0, p5-0, p6-0, .... Score both on the same cases.",
            Fault(all, all[..2]));
        Assert.Equal(
            "The reference scores lack 1 of the other scores' cases: p7-0. Score both on the same cases.",
            Fault(all[..7], all));
    }

    [Fact]
    public void CasesThatAreNotTheSameAreNamed()
    {
        CaseScore score = Dice("a", "A", 0.5);
        Assert.Equal(
            "Case a appears more than once in the other scores. Compare one run with one run.",
            Fault([score], [score, score]));
        Assert.Equal(
            "Case a has a mask of 10000 in 50176 pixels in the reference scores and of 10000 in 12544 in the other. Score both at one size with one mask rule.",
            Fault([score], [score with { Pixels = 12_544 }]));
        Assert.Equal(
            "Case a belongs to patient A in the reference scores and to B in the other. Score both on one data set.",
            Fault([score], [score with { Group = "B" }]));
    }

    private static CaseScore Dice(string id, string group, double dice) => ScoresFor.Dice(id, group, dice);

    private static string Fault(CaseScore[] reference, CaseScore[] other) =>
        Assert.Throws<ArgumentException>(() => PairedComparison.Of(reference, other)).Message;
}
