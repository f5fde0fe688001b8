using C2FVL.Data;
using C2FVL.Interpretation;

namespace C2FVL.Tests.Interpretation;

public sealed class CamSummaryTests
{
    /// <summary>Two layers; the fourth case has no lesion, and its numbers count nowhere.</summary>
    private static readonly CamScore[] Scores =
    [
        Score("a", "p", Zones.LeftLower, 0.1, (0.2, true, 0.9), (0.6, true, 1.0), 0.8),
        Score("b", "p", Zones.RightLower, 0.3, (0.4, false, 0.2), (0.8, true, 0.0), 0.6),
        Score("c", "q", Zones.All, 0.2, (0.3, false, 0.5), (0.4, false, 0.5), 0.1),
        Score("d", "r", Zones.LeftLower, 0.0, (0.9, true, 0.9), (0.9, true, 0.9), 0.9),
    ];

    [Fact]
    public void MeansAreOverCasesWithALesion()
    {
        CamSummary s = CamSummary.Of(Scores);
        Assert.Equal((3, 2, 2), (s.Cases, s.Patients, s.OneSided));
        Assert.Equal(0.2, s.Uniform, 1e-12);
        Assert.Equal([0.3, 0.6], s.Energy.Select(e => e.Value), Near);
        Assert.Equal([1 / 3.0, 2 / 3.0], s.Pointing.Select(e => e.Value), Near);
        Assert.Equal(0.3, s.Refinement.Value, 1e-12);
        Assert.Equal([0.5], s.Cosines.Select(e => e.Value), Near);
        Assert.Equal(0.5, s.Agreement.Value, 1e-12);
        Assert.Equal([(0.9 + 0.8) / 2, (1.0 + 1.0) / 2], s.OnNamedSide.Select(e => e.Value), Near);
        Assert.Equal([0, 0], s.ZeroMaps);

        // Patients are drawn, not cases: p and q alone, both, or each twice.
        Assert.Equal((0.3, 0.3), (Math.Round(s.Energy[0].Low, 12), Math.Round(s.Energy[0].High, 12)));
        Assert.Equal((0.1, 0.4), (Math.Round(s.Refinement.Low, 12), Math.Round(s.Refinement.High, 12)));
    }

    [Fact]
    public void AMapOfZerosCountsAsNoughtAndHasNoSide()
    {
        CamScore[] scores = [Scores[0] with { Layers = [new(0, false, 0, true), Scores[0].Layers[1]] }, Scores[1]];
        CamSummary s = CamSummary.Of(scores);
        Assert.Equal([1, 0], s.ZeroMaps);
        Assert.Equal(0.2, s.Energy[0].Value, 1e-12);
        Assert.Equal(0.8, s.OnNamedSide[0].Value, 1e-12); // of the other case alone
        Assert.True(double.IsNaN(s.Energy[0].Low)); // one patient
        Assert.True(double.IsNaN(CamSummary.Of(scores[..1]).OnNamedSide[0].Value));
        Assert.Equal(0, CamSummary.Difference(Scores[..2], scores).OnNamedSide[0].Value, 1e-12);
    }

    [Fact]
    public void ADifferenceIsCaseByCase()
    {
        CamScore[] other = [.. Scores.Select(s => s with { Layers = [.. s.Layers.Select(l => l with { Energy = l.Energy + 0.05 })] }).Reverse()];
        CamSummary difference = CamSummary.Difference(Scores, other);
        Assert.Equal(3, difference.Cases);
        Assert.Equal([0.05, 0.05], difference.Energy.Select(e => e.Value), Near);
        Assert.Equal([0.05, 0.05], difference.Energy.Select(e => e.High), Near);
        Assert.Equal(0, difference.Refinement.Value, 1e-12);
        Assert.Equal(0, difference.Agreement.Value, 1e-12);
        Assert.Equal(0, difference.Uniform, 1e-12);
    }

    [Fact]
    public void WithoutAOneSidedReportThereIsNoShare()
    {
        CamSummary s = CamSummary.Of([Scores[2], Scores[0] with { Named = Zones.None }]);
        Assert.Equal(0, s.OneSided);
        Assert.All(s.OnNamedSide, e => Assert.True(double.IsNaN(e.Value)));
        Assert.Equal(0.25, s.Energy[0].Value, 1e-12);
    }

    [Fact]
    public void WhatCannotBeComparedIsRefused()
    {
        Assert.Contains("No case has a lesion", Assert.Throws<ArgumentException>(() => CamSummary.Of([Scores[3]])).Message);
        Assert.Contains("cover different cases", Assert.Throws<ArgumentException>(() => CamSummary.Difference(Scores, Scores[1..])).Message);
        CamScore[] oneLayer = [.. Scores.Select(s => s with { Layers = [s.Layers[0]], Cosines = [] })];
        Assert.Contains("of 2 layers and the other of 1", Assert.Throws<ArgumentException>(() => CamSummary.Difference(Scores, oneLayer)).Message);
    }

    private static CamScore Score(string id, string patient, Zones named, double lesion, (double Energy, bool Hit, double Left) first, (double Energy, bool Hit, double Left) second, double cosine) =>
        new(id, patient, named, lesion, [new(first.Energy, first.Hit, first.Left, false), new(second.Energy, second.Hit, second.Left, false)], [cosine]);

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-12;
}
