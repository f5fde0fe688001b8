using C2FVL.Data;
using C2FVL.Models.Blocks;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

public sealed class ReportLabelsTests
{
    [Theory]
    [InlineData("No pulmonary infection.", 0, 0)]
    [InlineData("Unilateral pulmonary infection, one infected area, lower left lung.", 1, 1)]
    [InlineData("Unilateral pulmonary infection, one infected area, middle lower left lung.", 1, 2)]
    [InlineData("Unilateral pulmonary infection, two infected areas, all right lung.", 2, 2)]
    [InlineData("Bilateral pulmonary infection, three infected areas, upper lower left lung and all right lung.", 2, 3)]
    [InlineData("Bilateral pulmonary infection, two infected areas, all left lung and all right lung.", 2, 3)]
    [InlineData("Bilateral pulmonary infection, two infected areas.", 2, ReportLabels.Unknown)]
    public void TheLabelsAreTheReportsCountAndItsNumberOfZones(string sentence, long number, long size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = tensor(LesionReport.Parse(sentence).ToVector()).unsqueeze(0);
        Assert.Equal((number, size), (ReportLabels.Number(text).item<long>(), ReportLabels.Size(text).item<long>()));
    }

    [Fact]
    public void AMissingReportHasNoLabelsAndOnlyInItsRow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = ones(3, TextVector.Length);
        text[1, 0] = float.NaN;
        Assert.Equal([1, ReportLabels.Unknown, 1], ReportLabels.Number(text).data<long>().ToArray());
        Assert.Equal([3, ReportLabels.Unknown, 3], ReportLabels.Size(text).data<long>().ToArray());
    }
}
