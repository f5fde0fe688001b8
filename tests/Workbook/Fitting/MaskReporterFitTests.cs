using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Fitting;

namespace C2FVL.Tests.Workbook.Fitting;

public sealed class MaskReporterFitTests
{
    /// <summary>Lungs of one feature that matters: lesion in the upper, the middle or the lower part.</summary>
    private static readonly LungSample[] Lungs = [.. Enumerable.Range(0, 60).Select(i =>
    {
        int third = i % 3;
        var rows = new int[60];
        for (int row = 0; row < 10; row++)
            rows[(20 * third) + (i / 3 % 8) + row] = 12;
        return new LungSample(LungFeatures.Of(i % 2 == 1, rows, new int[60], 60, 1), (1 << third) - 1, i < 30 ? 1 : 16);
    })];

    [Fact]
    public void TheGradientIsTheObjectivesSlope()
    {
        var random = new Random(1);
        ZoneModel at = new([.. Enumerable.Range(0, 7).Select(_ => Enumerable.Range(0, ZoneModel.Features.Count).Select(_ => random.NextDouble() - 0.5).ToArray())]);
        double[][] gradient = MaskReporterFit.Objective(at, Lungs).Gradient;
        foreach ((int c, int f) in new[] { (0, 0), (3, 40), (6, 110), (2, ZoneModel.Features.Count - 1) })
        {
            double slope = (Moved(c, f, 1e-5) - Moved(c, f, -1e-5)) / 2e-5;
            Assert.Equal(slope, gradient[c][f], 6);
        }

        double Moved(int c, int f, double step)
        {
            double[][] weights = [.. at.Weights.Select(row => (double[])row.Clone())];
            weights[c][f] += step;
            return MaskReporterFit.Objective(new ZoneModel(weights), Lungs).Value;
        }
    }

    [Fact]
    public void AFitTellsWhatItWasShownAndIsTheSameEachTime()
    {
        ZoneModel model = MaskReporterFit.Fit(Lungs);
        Assert.All(Lungs, lung => Assert.Equal(lung.Class + 1, model.Tell(lung.Features)));
        Assert.Equal(model.Weights, MaskReporterFit.Fit(Lungs).Weights);
    }

    [Fact]
    public void TheTestPartIsNotLearnedFrom()
    {
        var mask = new BinaryMask(20, 20);
        mask[10, 3] = true;
        using var folder = new TemporaryFolder();
        ImageFile.Write(folder["mask.png"], mask);
        Dataset Of(Part part) => new("set", folder.Path, [new Case("a", "a.png", folder["mask.png"], new LesionReport(false, 1, Zones.LeftMiddle), null, ImageKind.XRay, part)], []);

        Assert.Equal((1, 1.0), (Assert.Single(MaskReporterFit.Samples(Of(Part.Train))).Class, MaskReporterFit.Samples(Of(Part.Train))[0].Weight));
        Assert.Equal(16, Assert.Single(MaskReporterFit.Samples(Of(Part.Val))).Weight);
        Assert.Contains("nothing to fit", Assert.Throws<InvalidDataException>(() => MaskReporterFit.Samples(Of(Part.Test))).Message);
    }

    /// <summary>
    /// The objective is convex, so stored parameters at which its slope vanishes are those that a fit gives: this
    /// checks lib/Data/ZoneModel.csv against the data without the half minute of a fit.
    /// </summary>
    [Fact]
    public void TheStoredParametersAreTheFitOfQaTasTrainingAndValidationParts()
    {
        Dataset dataset = DatasetReader.Read(SharedData.Require("data/QaTa-COV19"));
        IReadOnlyList<LungSample> samples = MaskReporterFit.Samples(dataset);
        (double value, double[][] gradient) = MaskReporterFit.Objective(ZoneModel.QaTa, samples);

        Assert.True(gradient.Max(row => row.Max(Math.Abs)) < GradientAtStored, $"steepest slope {gradient.Max(row => row.Max(Math.Abs))}");
        double blank = MaskReporterFit.Objective(new ZoneModel([.. Enumerable.Range(0, 7).Select(_ => new double[ZoneModel.Features.Count])]), samples).Value;
        Assert.Equal(Math.Log(7), blank, 9);
        Assert.True(value < blank / 2, $"{value} of {blank}");
    }

    /// <summary>The parameters are stored with four decimals, which alone leaves a slope of this order.</summary>
    private const double GradientAtStored = 2e-4;
}
