using C2FVL.Data;
using C2FVL.Interpretation;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

public sealed class PerturbationTests
{
    private const int Side = 8, Steps = 4;
    private const double Threshold = 0.6;

    /// <summary>Where a pixel's logit hangs on itself alone, the whole curve can be worked out.</summary>
    [Fact]
    public void CurvesAreWhatThePixelsMakeThem()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new PixelwiseModel(Threshold);
        model.train();
        float[] grey = [.. Enumerable.Range(0, Side * Side).Select(i => (i * 37 % 64) / 64f)]; // all different
        IReadOnlyList<PerturbationCurve> curves = PerturbationCurves.Measure(model, Batches(grey), CPU, new CamSettings { Method = CamMethod.HiResCam }, Steps);
        Assert.True(model.training);

        double mean = grey.Average();
        int[] inside = [.. Enumerable.Range(0, grey.Length).Where(i => grey[i] >= Threshold)];
        double Probability(double x) => 1 / (1 + Math.Exp(-10 * (x - Threshold)));

        // HiResCAM is 10 times the grey inside the prediction and 0 outside, so that the brightest go first.
        int[] order = [.. inside.OrderByDescending(i => grey[i])];
        Assert.InRange(order.Length, Side * Side / Steps, Side * Side * 2 / Steps); // so the first step takes lesion alone
        double MeanAfter(int moved, bool insertion)
        {
            bool Kept(int i) => moved == grey.Length || moved == 0 ? insertion == (moved > 0) : order.Take(moved).Contains(i) == insertion;
            double Fill(int i)
            {
                const double Sigma = Side / 16.0, Trace = 1e-4;
                double sum = Trace * mean, weight = Trace, all = 0;
                for (int d = -2; d <= 2; d++)
                    all += Math.Exp(-d * d / (2 * Sigma * Sigma));
                for (int row = Math.Max(0, (i / Side) - 2); row <= Math.Min(Side - 1, (i / Side) + 2); row++)
                {
                    for (int column = Math.Max(0, (i % Side) - 2); column <= Math.Min(Side - 1, (i % Side) + 2); column++)
                    {
                        int there = (row * Side) + column;
                        double near = Kept(there) ? Math.Exp(-(Math.Pow(row - (i / Side), 2) + Math.Pow(column - (i % Side), 2)) / (2 * Sigma * Sigma)) / (all * all) : 0;
                        sum += near * grey[there];
                        weight += near;
                    }
                }

                return sum / weight;
            }

            return inside.Average(i => Probability(Kept(i) ? grey[i] : Fill(i)));
        }

        foreach (bool insertion in new[] { false, true })
        {
            PerturbationCurve curve = curves.Single(c => c.Layer == "grey" && c.Insertion == insertion);
            Assert.Equal(("a", "p"), (curve.CaseId, curve.Group));
            foreach (int step in new[] { 0, 1, Steps }) // between them the zeros' seeded order has a say
                Assert.Equal(MeanAfter(step * grey.Length / Steps, insertion), curve.Probability[step], 1e-5);
        }

        PerturbationCurve[] control = [.. curves.Where(c => c.Layer == PerturbationCurves.Control)];
        Assert.Equal(2, control.Length);
        Assert.True(curves.Single(c => c.Layer == "grey" && !c.Insertion).Area < control.Single(c => !c.Insertion).Area);
        Assert.True(curves.Single(c => c.Layer == "grey" && c.Insertion).Area > control.Single(c => c.Insertion).Area);
    }

    [Fact]
    public void TheSameSeedGivesTheSameCurvesAndNothingIsLeftBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new PixelwiseModel(Threshold);
        float[] grey = [.. Enumerable.Range(0, Side * Side).Select(i => i % 3 == 0 ? 0.9f : 0.1f)]; // many equal values
        IReadOnlyList<PerturbationCurve> first = PerturbationCurves.Measure(model, Batches(grey), CPU, steps: Steps, seed: 1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        IReadOnlyList<PerturbationCurve> again = PerturbationCurves.Measure(model, Batches(grey), CPU, steps: Steps, seed: 1);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equivalent(first, again, strict: true);
    }

    [Fact]
    public void AnEmptyPixelSetHasNoCurve()
    {
        using var model = new PixelwiseModel(threshold: 2);
        int cases = 0;
        Assert.Empty(PerturbationCurves.Measure(model, Batches(new float[Side * Side]), CPU, steps: Steps, onBatch: n => cases += n));
        Assert.Equal(1, cases);
    }

    [Fact]
    public void TheAreaIsThatOfTrapezia() =>
        Assert.Equal((0.5 + 0.4 + 0.1) / 2, new PerturbationCurve("a", "a", "l", false, [1, 0.4, 0.2]).Area, 1e-12);

    [Fact]
    public void ASummaryHasMeansALayerAndTheGap()
    {
        PerturbationCurve[] curves =
        [
            new("a", "p", "x", false, [1, 0.5, 0]), new("a", "p", "x", true, [0, 0.9, 1]),
            new("b", "q", "x", false, [0.8, 0.1, 0]), new("b", "q", "x", true, [0, 0.5, 0.8]),
            new("a", "p", "y", false, [1, 1, 0]), new("a", "p", "y", true, [0, 0, 1]),
        ];
        IReadOnlyList<PerturbationSummary> summaries = PerturbationSummary.Of(curves);
        Assert.Equal(["x", "y"], summaries.Select(s => s.Layer));
        Assert.Equal((2, 1), (summaries[0].Cases, summaries[1].Cases));
        Assert.Equal((0.5 + 0.25) / 2, summaries[0].Deletion.Value, 1e-12);
        Assert.Equal((0.7 + 0.45) / 2, summaries[0].Insertion.Value, 1e-12);
        Assert.Equal(0.2, summaries[0].Gap.Value, 1e-12);
        Assert.Equal([0.9, 0.3, 0], summaries[0].DeletionCurve, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.True(summaries[0].Deletion.Low < summaries[0].Deletion.High);
        Assert.Contains("does not have both curves", Assert.Throws<ArgumentException>(() => PerturbationSummary.Of(curves[1..])).Message);
    }

    [Fact]
    public void TheFileHoldsWhatWasMeasured()
    {
        using var folder = new TemporaryFolder();
        PerturbationCurve[] curves = [new("a,1", "p", "up1.convs", false, [1, 0.1234, 0]), new("a,1", "p", "up1.convs", true, [0, 0.5, 1])];
        PerturbationFile.Write(folder["curves.csv"], 2, curves);
        Assert.StartsWith("case,patient,layer,curve,0,0.5,1\n", File.ReadAllText(folder["curves.csv"]));
        Assert.Equivalent(curves, PerturbationFile.Read(folder["curves.csv"]), strict: true);
    }

    [Theory]
    [InlineData("case,layer,curve,0,0.5,1\n", 1, "the header does not begin with case, patient, layer, curve")]
    [InlineData("case,patient,layer,curve,0,0.5,1\na,a,x,erasure,1,1,1\n", 2, "'erasure' is not a curve")]
    [InlineData("case,patient,layer,curve,0,0.5,1\na,a,x,deletion,1,,1\n", 2, "'' in column 0.5 is not a probability")]
    [InlineData("case,patient,layer,curve,0,0.5,1\na,a,x,deletion,1,1\n", 2, "6 fields instead of 7")]
    public void AFileAtFaultIsNamedWithItsRow(string content, int row, string what)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["curves.csv"], content);
        Assert.StartsWith($"{folder["curves.csv"]}, row {row}: {what}", Assert.Throws<InvalidDataException>(() => PerturbationFile.Read(folder["curves.csv"])).Message);
    }

    private static BatchSource Batches(float[] grey)
    {
        var item = new Case("a", "a.png", null, null, "p", ImageKind.XRay);
        return new BatchSource([item], _ => new Sample(item, new GrayImage(Side, Side, grey), new BinaryMask(Side, Side), null), BatchSettings.ForScoring(4));
    }
}
