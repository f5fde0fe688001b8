using C2FVL.Evaluation;
using C2FVL.Interpretation;

namespace C2FVL.Tests.Interpretation;

public sealed class TextGainTests
{
    // A mask of 100 pixels, a prediction of 100: Dice is the intersection in percent.
    private static CaseScore[] Scores(params long[] percent) => [.. percent.Select((p, i) => new CaseScore($"case{i}", $"patient{i / 2}", p, 100, 100, 4096))];

    private static readonly CaseScore[] Without = Scores(50, 52, 54, 56, 58, 60, 62, 64);
    private static readonly CaseScore[] Report = Scores(70, 72, 74, 76, 78, 80, 82, 84);

    [Fact]
    public void HalfTheGainIsAShareOfAHalf()
    {
        TextGain gain = TextGain.Of(Without, Scores(60, 62, 64, 66, 68, 70, 72, 74), Report);
        Assert.Equal(0.1, gain.Difference.Value, 12);
        Assert.Equal(0.5, gain.Share.Value, 12);
        Assert.Equal(0.5, gain.Share.Low, 12);
        Assert.Equal(0.5, gain.Share.High, 12);
    }

    [Fact]
    public void TheReportItselfHasTheWholeGainAndNoTextNone()
    {
        Assert.Equal(1, TextGain.Of(Without, Report, Report).Share.Value);
        Assert.Equal(0, TextGain.Of(Without, Without, Report).Share.Value);
    }

    [Fact]
    public void AHarmfulTextHasAShareBelowZeroAndTheIntervalHoldsTheValue()
    {
        TextGain gain = TextGain.Of(Without, Scores(40, 60, 30, 50, 48, 52, 20, 64), Report);
        Assert.True(gain.Share.Value < 0);
        Assert.InRange(gain.Share.Value, gain.Share.Low, gain.Share.High);
        Assert.True(gain.Share.Low < gain.Share.High);
    }

    [Fact]
    public void WhereTheReportGainsNothingForSureThereIsNoShare()
    {
        TextGain gain = TextGain.Of(Without, Report, Scores(70, 30, 74, 33, 58, 60, 62, 64));
        Assert.Equal(0.2, gain.Difference.Value, 12);
        Assert.True(double.IsNaN(gain.Share.Value));
    }

    [Fact]
    public void TheOrderOfTheCasesDoesNotMatter()
    {
        CaseScore[] text = Scores(55, 60, 65, 57, 70, 66, 63, 80);
        Assert.Equal(TextGain.Of(Without, text, Report), TextGain.Of([.. Without.Reverse()], [.. text.Reverse()], Report));
    }

    [Fact]
    public void OtherCasesAreAnError() => Assert.Throws<ArgumentException>(() => TextGain.Of(Without, Report[1..], Report));
}
