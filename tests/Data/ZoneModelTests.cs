using C2FVL.Data;
using C2FVL.Workbook.Fitting;

namespace C2FVL.Tests.Data;

public sealed class ZoneModelTests
{
    [Fact]
    public void TheStoredParametersAreReadAndWrittenAsTheyAre()
    {
        ZoneModel read = ZoneModel.Parse(MaskReporterFit.ToCsv(ZoneModel.QaTa));
        Assert.Equal(ZoneModel.QaTa.Weights, read.Weights);
        Assert.Equal(ZoneModel.Classes, read.Weights.Length);
    }

    [Fact]
    public void AZoneIsNamedWhereItIsLikelierThanNot()
    {
        // 0.4 middle and lower, 0.35 lower, 0.25 upper: lower alone passes a half, though another set is likeliest.
        Assert.Equal(4, Model(6, (6, 0.4), (4, 0.35), (1, 0.25)).Tell(Constant));
    }

    [Fact]
    public void WhereNoZoneIsLikelierThanNotTheLikeliestSetIsTold() =>
        Assert.Equal(2, Model(2, (2, 0.4), (1, 0.3), (4, 0.3)).Tell(Constant));

    private static double[] Constant => [.. new double[ZoneModel.Features.Count - 1], 1];

    /// <summary>A model that gives these probabilities whatever the lung.</summary>
    private static ZoneModel Model(int likeliest, params (int Subset, double Probability)[] told)
    {
        var model = new ZoneModel([.. Enumerable.Range(1, 7).Select(subset =>
        {
            var row = new double[ZoneModel.Features.Count];
            row[^1] = Math.Log(told.Where(t => t.Subset == subset).Select(t => t.Probability).DefaultIfEmpty(1e-9).Single());
            return row;
        })]);
        Assert.Equal(likeliest, 1 + model.Probabilities(Constant).Index().MaxBy(p => p.Item).Index);
        return model;
    }
}
