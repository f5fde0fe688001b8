using C2FVL.Evaluation;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Evaluation;

public sealed class CaseScoreFileTests : IDisposable
{
    private const string Header = "case,patient,dice,iou,sensitivity,precision,intersection,predicted,truth,pixels";
    private const string Full = Header + ",hd95,assd,seconds";

    private readonly TemporaryFolder folder = new();

    private string Path => folder["run", "cases.csv"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        CaseScore[] scores =
        [
            new("sub-S03068_run-1", "sub-S03068", 30, 40, 60, 12544),
            new("slice, \"odd\"", "slice, \"odd\"", 0, 0, 0, 12544),
            new("large", "large", 5_000_000_000, 5_000_000_000, 6_000_000_000, 9_000_000_000),
            new("measured", "p", 5, 5, 6, 9) { Hd95 = 12.083045973594572, Assd = 0.1, Seconds = 0.0423 },
            new("nothing predicted", "p", 0, 0, 6, 9) { Seconds = 1e-5 },
        ];
        CaseScoreFile.Write(Path, scores);

        Assert.Equal(scores, CaseScoreFile.Read(Path));
        Assert.Equal([Path], Directory.GetFiles(folder["run"]));
    }

    [Fact]
    public void TheFileReadsAsSpecified()
    {
        CaseScoreFile.Write(Path, [new("a", "p", 30, 40, 60, 100) { Hd95 = 2, Assd = 0.5 }, new("b", "b", 0, 0, 0, 100) { Seconds = 0.25 }]);
        Assert.Equal(
            $"{Full}\na,p,0.6,0.42857142857142855,0.5,0.75,30,40,60,100,2,0.5,\nb,b,1,1,1,1,0,0,0,100,,,0.25\n",
            File.ReadAllText(Path));
    }

    [Fact]
    public void AFileOfAnOlderVersionHasNoDistancesAndNoSeconds()
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path, $"{Header}\na,p,1,1,1,1,5,5,5,9\n");
        CaseScore score = Assert.Single(CaseScoreFile.Read(Path));
        Assert.Equal(new CaseScore("a", "p", 5, 5, 5, 9), score);
        Assert.Equal((double.NaN, double.NaN, double.NaN), (score.Hd95, score.Assd, score.Seconds));
    }

    [Fact]
    public void AFailedWriteLeavesTheFormerFile()
    {
        CaseScoreFile.Write(Path, [new("a", "p", 30, 40, 60, 100)]);
        string before = File.ReadAllText(Path);
        Assert.Throws<NotSupportedException>(() => CaseScoreFile.Write(Path, Broken()));
        Assert.Equal(before, File.ReadAllText(Path));

        static IEnumerable<CaseScore> Broken()
        {
            yield return new("b", "p", 1, 1, 1, 100);
            throw new NotSupportedException();
        }
    }

    [Theory]
    [InlineData("case,patient,dice,iou,sensitivity,precision,intersection,predicted,truth\n", 1, "the header lacks pixels")]
    [InlineData("", 1, "the header lacks case, patient, dice, iou, sensitivity, precision, intersection, predicted, truth, pixels")]
    [InlineData(Header + "\na,p,1,1,1,1,5,5,5,9\nb,p,1,1,1,1,5,x,5,9\n", 3, "'x' in column predicted is not a number of pixels")]
    [InlineData(Header + "\na,p,1,1,1,1,-5,5,5,9\n", 2, "'-5' in column intersection is not a number of pixels")]
    [InlineData(Header + "\na,p,1,1,1,1,5,5\n", 2, "8 fields instead of 10")]
    [InlineData(Header + "\na,,1,1,1,1,5,5,5,9\n", 2, "the case or the patient is empty")]
    [InlineData(Header + "\na,p,1,1,1,1,6,5,5,9\n", 2, "the pixel counts of case a contradict each other")]
    [InlineData(Full + "\na,p,1,1,1,1,5,5,5,9,x,1,1\n", 2, "'x' in column hd95 is not a number of 0 or more")]
    [InlineData(Full + "\na,p,1,1,1,1,5,5,5,9,1,-1,1\n", 2, "'-1' in column assd is not a number of 0 or more")]
    [InlineData(Full + "\na,p,1,1,1,1,5,5,5,9,1,1,1e999\n", 2, "'1e999' in column seconds is not a number of 0 or more")]
    [InlineData(Full + "\na,p,0,0,0,0,0,0,5,9,3,1,1\n", 2, "case a has a distance although one of its masks is empty")]
    [InlineData(Header + "\na,p,1,1,1,1,5,5,5,9\na,p,1,1,1,1,5,5,5,9\n", 3, "case a appears a second time")]
    public void AFaultNamesFileAndRow(string text, int row, string what)
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path, text);
        var error = Assert.Throws<InvalidDataException>(() => CaseScoreFile.Read(Path));
        Assert.Equal($"{Path}, row {row}: {what}. Restore the file, or delete it and score the run again.", error.Message);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        var error = Assert.Throws<FileNotFoundException>(() => CaseScoreFile.Read(Path));
        Assert.Equal($"{Path} does not exist. Score the run to make it.", error.Message);
    }
}
