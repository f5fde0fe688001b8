using C2FVL.Data;
using C2FVL.Interpretation;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

public sealed class CamScoreTests
{
    [Fact]
    public void ABatchIsMeasuredRowByRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new PixelwiseModel(threshold: 0.5);
        Tensor image = zeros(2, 3, 4, 4), mask = zeros(2, 1, 4, 4);
        image[0, TensorIndex.Colon, 1, 0] = 1; // in the lesion, left
        image[0, TensorIndex.Colon, 1, 3] = 0.75; // beside it, right
        mask[0, 0, 1, 0] = 1;
        image[1, TensorIndex.Colon, 2, 2] = 1;
        Case[] cases =
        [
            new("a", "a.png", null, new LesionReport(false, 1, Zones.LeftUpper), "p", ImageKind.XRay),
            new("b", "b.png", null, null, null, ImageKind.XRay),
        ];
        using var batch = new Batch(image, mask, ones(2, 8), cases);
        using CamMaps maps = GradCam.Explain(model, image, batch.Text, settings: new CamSettings { Method = CamMethod.HiResCam });
        IReadOnlyList<CamScore> scores = CamScore.Of(maps, batch);

        Assert.Equal(("a", "p", Zones.LeftUpper, 1 / 16.0), (scores[0].CaseId, scores[0].Group, scores[0].Named, scores[0].Lesion));
        Assert.Equal(4 / 7.0, scores[0].Layers[0].Energy, 1e-6);
        Assert.Equal(4 / 7.0, scores[0].Layers[0].Left, 1e-6);
        Assert.True(scores[0].Layers[0].Hit);
        Assert.Equal(("b", Zones.None, 0.0), (scores[1].Group, scores[1].Named, scores[1].Lesion));
        Assert.Equal(new LayerScore(0, false, 0, false), scores[1].Layers[0]);
        Assert.Empty(scores[0].Cosines);
    }

    [Theory]
    [InlineData(Zones.LeftLower, true)]
    [InlineData(Zones.RightLower | Zones.RightMiddle, false)]
    [InlineData(Zones.LeftLower | Zones.RightMiddle, null)]
    [InlineData(Zones.None, null)]
    public void AReportNamesOneSideOrNone(Zones named, bool? left) =>
        Assert.Equal(left, new CamScore("a", "a", named, 0.1, [], []).NamesLeft);

    [Fact]
    public void PairsStandInOrder() => Assert.Equal([(0, 1), (0, 2), (1, 2)], CamScore.Pairs(3));

    [Fact]
    public void TheFileHoldsWhatWasMeasured()
    {
        using var folder = new TemporaryFolder();
        string path = folder["cams.csv"];
        string[] layers = ["up2.convs", "up1.convs"];
        CamScore[] scores =
        [
            new("a,1", "p", Zones.LeftLower | Zones.RightUpper, 0.125, [new(0.25, true, 0.5, false), new(0, false, 0, true)], [0.9876]),
            new("b", "b", Zones.None, 0, [new(0, false, 1, false), new(0, false, 0, false)], [0]),
        ];
        CamScoreFile.Write(path, layers, scores);
        IReadOnlyList<CamScore> read = CamScoreFile.Read(path);
        Assert.Equivalent(scores, read, strict: true);
    }

    [Theory]
    [InlineData("case,patient,named,lesion\n", 1, "no column begins with \"energy \"")]
    [InlineData("case,patient,lesion,energy x,hit x,left x,zero x\n", 1, "the header lacks named")]
    [InlineData("case,patient,named,lesion,energy x,hit x,left x,zero x\na,a,1,0.1,2.5,1,0,0\n", 2, "'2.5' in column energy x is not a number from 0 to 1")]
    [InlineData("case,patient,named,lesion,energy x,hit x,left x,zero x\na,a,1,0.1,0.5,1,0,0\nb,b,1\n", 3, "3 fields instead of 8")]
    public void AFileAtFaultIsNamedWithItsRow(string content, int row, string what)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["cams.csv"], content);
        Assert.StartsWith($"{folder["cams.csv"]}, row {row}: {what}.", Assert.Throws<InvalidDataException>(() => CamScoreFile.Read(folder["cams.csv"])).Message);
    }

    [Fact]
    public void AFileThatIsNotThereIsSaidWithTheCure()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("Measure the run's CAMs", Assert.Throws<FileNotFoundException>(() => CamScoreFile.Read(folder["none.csv"])).Message);
    }
}
