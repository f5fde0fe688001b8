using C2FVL.Data;
using C2FVL.Tests.Support;
using CsCheck;
using MiniExcelLibs;

namespace C2FVL.Tests.Data;

public sealed class LesionReportTests
{
    private static readonly Gen<LesionReport> Any =
        Gen.Select(Gen.Bool, Gen.Int[0, 30], Gen.Int[0, 63], (bilateral, areas, zones) => new LesionReport(bilateral, areas, (Zones)zones));

    private static readonly Gen<LesionReport> Consistent =
        Gen.Select(Gen.Int[0, 63], Gen.Int[0, 25], (bits, more) =>
        {
            var zones = (Zones)bits;
            bool bilateral = (zones & Zones.Left) != Zones.None && (zones & Zones.Right) != Zones.None;
            return new LesionReport(bilateral, zones == Zones.None ? 0 : more + (bilateral ? 2 : 1), zones);
        });

    [Fact]
    public void ThePapersExampleGivesThePapersVector()
    {
        LesionReport report = LesionReport.Parse("Bilateral pulmonary infection, two infected areas, upper middle left lung and middle lower right lung.");

        Assert.Equal([1, 2, 1, 1, 0, 0, 1, 1], report.ToVector());
        Assert.Empty(report.Contradictions());
    }

    [Theory]
    [InlineData("Bilateral pulmonary infection, two infected areas, upper middle left lung and middle lower right lung.")]
    [InlineData("Unilateral pulmonary infection, one infected area, lower left lung.")]
    [InlineData("Bilateral pulmonary infection, two infected areas, all left lung and all right lung.")]
    [InlineData("No pulmonary infection.")]
    public void ASentenceInTheAuthorsStyleIsWrittenBackTheSame(string sentence) =>
        Assert.Equal(sentence, LesionReport.Parse(sentence).ToSentence());

    [Theory]
    [InlineData("Unilateral pulmonary infection, one infected areas, lower left lung.", false, 1, Zones.LeftLower)]
    [InlineData("Unilateral pulmonary infection, one infected area, lower rught lung.", false, 1, Zones.RightLower)]
    [InlineData("Bilateral pulmonary infection, three infected areas, lower left lung and upper middlel lower right lung", true, 3, Zones.LeftLower | Zones.Right)]
    [InlineData("Bilateral pulmonary infection, two infected areas, all left lung and right lung.", true, 2, Zones.All)]
    [InlineData("Bilateral pulmonary infection, two infected areas, lower left lung and lower right lung", true, 2, Zones.LeftLower | Zones.RightLower)]
    [InlineData("Unilateral pulmonary infection, two infected areas, upper left lung and lower right lung.", false, 2, Zones.LeftUpper | Zones.RightLower)]
    [InlineData("Bilateral pulmonary infection, two infected areas, lower left lung.", true, 2, Zones.LeftLower)]
    [InlineData("  BILATERAL pulmonary INFECTION ,12 infected areas,upper   lower left lung  and right lung . ", true, 12, Zones.LeftUpper | Zones.LeftLower | Zones.Right)]
    [InlineData("Unilateral infection, 1 area, left upper and middle lung", false, 1, Zones.LeftUpper | Zones.LeftMiddle)]
    [InlineData("Bilateral infection, 2 areas, left upper and right lower lobes", true, 2, Zones.LeftUpper | Zones.RightLower)]
    [InlineData("Bilateral infection, 2 areas, lower zones of both lungs", true, 2, Zones.LeftLower | Zones.RightLower)]
    [InlineData("Bilateral pulmonary infection, two infected areas, left and right lungs", true, 2, Zones.All)]
    [InlineData("Zero infected areas", false, 0, Zones.None)]
    [InlineData("Bilateral pulmonary infection, two infected areas", true, 2, Zones.None)]
    public void SlipsAndOtherWaysToSayItAreUnderstood(string sentence, bool bilateral, int areas, Zones zones) =>
        Assert.Equal(new LesionReport(bilateral, areas, zones), LesionReport.Parse(sentence));

    [Theory]
    [InlineData("", "it does not say how many areas are infected")]
    [InlineData("Bilateral pulmonary infection, upper left lung.", "it does not say how many areas are infected")]
    [InlineData("One infected area, upper left lung.", "it says neither bilateral nor unilateral")]
    [InlineData("Bilateral unilateral infection, one infected area, upper left lung.", "it says bilateral or unilateral twice")]
    [InlineData("Unilateral infection, one infected area, two infected areas, upper left lung.", "it gives the number of areas twice")]
    [InlineData("Unilateral infection, several infected areas, upper left lung.", "\"several\" is an unknown word")]
    [InlineData("Unilateral infection, one infected area, light left lung.", "\"light\" is an unknown word")]
    [InlineData("Unilateral infection, one infected area, upper middle.", "\"upper middle\" names no lung")]
    [InlineData("Unilateral infection, -1 infected area, upper left lung.", "\"-1\" is an unknown word")]
    [InlineData("Unilateral infection, one infected area, верхняя left lung.", "\"верхняя\" is an unknown word")]
    [InlineData("Unilateral infection, 99999999999 infected areas, upper left lung.", "it counts 99999999999 areas, but the limit is 1000")]
    [InlineData("Unilateral infection, 999999999 infected areas, upper left lung.", "it counts 999999999 areas, but the limit is 1000")]
    public void WhatIsNotUnderstoodIsNamed(string sentence, string reason)
    {
        var error = Assert.Throws<FormatException>(() => LesionReport.Parse(sentence));

        Assert.StartsWith($"The report \"{sentence}\" is not understood: {reason}. Write it like \"Bilateral", error.Message);
    }

    [Fact]
    public void EverySentenceOfTheRealAnnotationsIsWrittenBackTheSame()
    {
        string real = SharedData.Require("data/QaTa-COV19");
        string[] sentences = [.. Directory.EnumerateFiles(real, "*_text.xlsx", SearchOption.AllDirectories)
            .SelectMany(file => MiniExcel.Query(file, useHeaderRow: true).Cast<IDictionary<string, object>>())
            .Select(row => (string)row["Description"]).Distinct()];

        Assert.True(sentences.Length > 100, $"only {sentences.Length} distinct sentences");
        Assert.All(sentences, sentence => Assert.Equal(sentence, LesionReport.Parse(sentence).ToSentence()));
    }

    [Fact]
    public void AMissingSentenceIsNotUnderstoodEither() => Assert.Throws<FormatException>(() => LesionReport.Parse(""));

    [Fact]
    public void EverySentenceReadsBackAsItsReport() =>
        Any.Sample(report => LesionReport.Parse(report.ToSentence()) == report);

    [Fact]
    public void AConsistentReportHasNoContradictionAndSurvivesItsSentence() =>
        Consistent.Sample(report => report.Contradictions().Count == 0 && LesionReport.Parse(report.ToSentence()) == report);

    [Fact]
    public void OneWrongLetterInAZoneOrSideChangesNothing() => Gen.Select(Consistent, Gen.Int[0, 1000]).Sample((report, at) =>
    {
        string[] words = report.ToSentence().Split(' ');
        int[] places = [.. Enumerable.Range(0, words.Length).Where(i => words[i] is "upper" or "middle" or "lower" or "left" or "right")];
        if (places.Length == 0)
            return true;
        int word = places[at % places.Length], letter = 1 + (at % (words[word].Length - 1));
        words[word] = words[word].Remove(letter, 1);
        return LesionReport.Parse(string.Join(' ', words)) == report;
    });

    [Fact]
    public void TheVectorGivesTheReportBack() => Any.Sample(report => LesionReport.FromVector(report.ToVector()) == report);

    [Fact]
    public void MirroredTwiceIsTheSame() =>
        Any.Sample(report => report.FlipHorizontal().FlipHorizontal() == report && report.FlipVertical().FlipVertical() == report);

    [Fact]
    public void AMirrorExchangesLeftAndRight() =>
        Assert.Equal(
            LesionReport.Parse("Bilateral pulmonary infection, three infected areas, lower left lung and upper middle right lung."),
            LesionReport.Parse("Bilateral pulmonary infection, three infected areas, upper middle left lung and lower right lung.").FlipHorizontal());

    [Fact]
    public void AFlipExchangesUpperAndLowerAndKeepsTheMiddle() =>
        Assert.Equal(
            LesionReport.Parse("Bilateral pulmonary infection, three infected areas, middle lower left lung and upper right lung."),
            LesionReport.Parse("Bilateral pulmonary infection, three infected areas, upper middle left lung and lower right lung.").FlipVertical());

    [Theory]
    [InlineData(true, 2, Zones.LeftLower, "It says bilateral, but names the left lung only.")]
    [InlineData(true, 2, Zones.RightUpper, "It says bilateral, but names the right lung only.")]
    [InlineData(false, 2, Zones.All, "It says unilateral, but names both lungs.")]
    [InlineData(true, 1, Zones.All, "It counts one infected area, but names both lungs.")]
    [InlineData(false, 0, Zones.LeftUpper, "It counts no infected area, but names zones.")]
    [InlineData(false, 3, Zones.None, "It counts three infected areas, but names no zone.")]
    [InlineData(true, 0, Zones.None, "It says bilateral, but counts zero infected areas.")]
    public void EachContradictionIsToldAndTheVectorStillMade(bool bilateral, int areas, Zones zones, string told)
    {
        var report = new LesionReport(bilateral, areas, zones);

        Assert.Equal([told], report.Contradictions());
        Assert.Equal(areas, report.ToVector()[1]);
    }

    [Fact]
    public void ASentenceThatDiffersFromItsColumnsIsTold()
    {
        LesionReport sentence = LesionReport.Parse("Unilateral pulmonary infection, one infected area, lower left lung.");

        Assert.Empty(sentence.DifferencesFrom(LesionReport.FromVector(0, 1, 0, 0, 1, 0, 0, 0)));
        Assert.Equal(
            [
                "The sentence says unilateral, the columns bilateral.",
                "The sentence counts one infected area, the columns 2.",
                "The sentence names lower left lung, the columns lower left lung and all right lung.",
            ],
            sentence.DifferencesFrom(LesionReport.FromVector(1, 2, 0, 0, 1, 1, 1, 1)));
    }

    [Fact]
    public void NumbersThatNoReportCanHaveAreRefused()
    {
        Assert.Contains("is that of a missing report", Assert.Throws<ArgumentException>(() => LesionReport.FromVector(TextVector.Missing)).Message);
        Assert.Contains("8 values, not 3", Assert.Throws<ArgumentException>(() => LesionReport.FromVector([1, 2, 3])).Message);
        Assert.Contains("number is 1.5", Assert.Throws<ArgumentException>(() => LesionReport.FromVector([0, 1.5f, 1, 0, 0, 0, 0, 0])).Message);
        Assert.Contains("bilateral is 2; it must be 0 or 1", Assert.Throws<ArgumentException>(() => LesionReport.FromVector(2, 1, 1, 0, 0, 0, 0, 0)).Message);
        Assert.Contains("number is -1; it must be from 0 to 1000", Assert.Throws<ArgumentException>(() => LesionReport.FromVector(0, -1, 1, 0, 0, 0, 0, 0)).Message);
    }
}
