using C2FVL.Data;
using C2FVL.Models.Blocks;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

public sealed class ReportLabelsTests
{
    [Theory]
    [InlineData("No pulmonary infection.", ReportLabels.Unknown, ReportLabels.Unknown)]
    [InlineData("Unilateral pulmonary infection, one infected area, lower left lung.", 0, 0)]
    [InlineData("Unilateral pulmonary infection, one infected area, middle lower left lung.", 0, 1)]
    [InlineData("Unilateral pulmonary infection, two infected areas, all right lung.", 1, 1)]
    [InlineData("Bilateral pulmonary infection, three infected areas, upper lower left lung and all right lung.", 1, 2)]
    [InlineData("Bilateral pulmonary infection, two infected areas, all left lung and all right lung.", 1, 2)]
    [InlineData("Bilateral pulmonary infection, two infected areas.", 1, ReportLabels.Unknown)]
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
        Assert.Equal([0, ReportLabels.Unknown, 0], ReportLabels.Number(text).data<long>().ToArray());
        Assert.Equal([2, ReportLabels.Unknown, 2], ReportLabels.Size(text).data<long>().ToArray());
    }
}
