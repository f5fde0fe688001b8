using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Prediction;

namespace C2FVL.Tests.Workbook.Prediction;

public sealed class TypedReportTests
{
    [Theory]
    [InlineData("bilateral lower lobe opacities", "Bilateral pulmonary infection, two infected areas, lower left "
        + "lung and lower right lung.")]
    [InlineData("2 lesions in the right lung", "Unilateral pulmonary infection, two infected areas, all right lung.")]
    [InlineData("left lower lobe consolidation", "Unilateral pulmonary infection, one infected area, lower left lung.")]
    [InlineData("Right-sided pneumonia", "Unilateral pulmonary infection, one infected area, all right lung.")]
    [InlineData("three areas upper left lung lower right lung", "Bilateral pulmonary infection, three infected "
        + "areas, upper left lung and lower right lung.")]
    [InlineData("upper and middle zones of the left lung, 1 opacity", "Unilateral pulmonary infection, one infected "
        + "area, upper middle left lung.")]
    [InlineData("right lower lobe and upper left lobe", "Bilateral pulmonary infection, two infected areas, upper "
        + "left lung and lower right lung.")]
    [InlineData("right lung lower lobe left lung upper lobe 4 foci", "Bilateral pulmonary infection, four infected "
        + "areas, upper left lung and lower right lung.")]
    [InlineData("left lung, lower right lung; 3 lesions", "Bilateral pulmonary infection, three infected areas, all "
        + "left lung and lower right lung.")]
    [InlineData("RLL and LUL opacities", "Bilateral pulmonary infection, two infected areas, upper left lung and "
        + "lower right lung.")]
    [InlineData("bibasal opacities", "Bilateral pulmonary infection, two infected areas, lower left lung and lower "
        + "right lung.")]
    [InlineData("COVID-19 at the right base", "Unilateral pulmonary infection, one infected area, lower right lung.")]
    [InlineData(
        "both lungs 6 lesions", "Bilateral pulmonary infection, six infected areas, all left lung and all right lung.")]
    [InlineData("bilateral lower lobes and right upper lobe, 3", "Bilateral pulmonary infection, three infected "
        + "areas, lower left lung and upper lower right lung.")]
    [InlineData(
        "2 areas in the lowr rigth lung", "Unilateral pulmonary infection, two infected areas, lower right lung.")]
    [InlineData("lower lobes bilaterally, middle lobe on the right", "Bilateral pulmonary infection, two infected "
        + "areas, lower left lung and middle lower right lung.")]
    [InlineData("lower lobes bilaterally, middle right, upper left", "Bilateral pulmonary infection, two infected "
        + "areas, upper lower left lung and middle lower right lung.")]
    [InlineData("left upper and bilateral lower zones", "Bilateral pulmonary infection, two infected areas, upper "
        + "lower left lung and lower right lung.")]
    [InlineData("Bilateral pneumonia lower left lung and upper right lung", "Bilateral pulmonary infection, two "
        + "infected areas, lower left lung and upper right lung.")]
    [InlineData("RLZ and LMZ opacification, L lung 3 areas", "Bilateral pulmonary infection, three infected areas, "
        + "all left lung and lower right lung.")]
    [InlineData("no pulmonary infection", "No pulmonary infection.")]
    [InlineData("lungs are clear", "No pulmonary infection.")]
    public void WhatADoctorTypesIsUnderstood(string text, string sentence) =>
        Assert.Equal(sentence, TypedReport.Read(text).Report.ToSentence());

    [Theory]
    [InlineData(
        "patchy perihilar opacities in the left lung", "unknown words: \"patchy\", \"perihilar\"")]
    [InlineData("multiple lesions in the right lung", "an unknown word: \"multiple\"")]
    [InlineData("2-3 lesions in the right lung", "\"2-3\"")]
    [InlineData("fine opacities in the right lung", "\"fine\"")]
    [InlineData("possible lesion in the right lung?", "\"possible\", \"?\"")]
    [InlineData("no opacity in the left lung", "it says that there is no lesion but names")]
    [InlineData("2 lesions right lung, 1 lesion left lung", "the number of areas more than once")]
    [InlineData("lower left and right lung, 2 areas", "its zones can mean \"")]
    [InlineData("left and right lower lobes", "its zones can mean \"")]
    [InlineData("2 lesions in the lower lobe", "a zone without a lung")]
    [InlineData("2 lesions", "does not say which lung")]
    [InlineData("bilateral pneumonia", "does not say which lung")]
    [InlineData("left upper and right middle and bilateral lower zones", "its zones can mean \"")]
    [InlineData("bilateral, lower left lung", "It says bilateral, but names the left lung only")]
    [InlineData("1 lesion in both lungs", "It counts one infected area, but names both lungs")]
    [InlineData("10 lesions, bilateral", "but names no zone")]
    [InlineData("three zones of the right lung", "it counts lungs, lobes or zones")]
    [InlineData("2 lower lobes, bilateral", "it counts lungs, lobes or zones")]
    [InlineData("unilateral bilateral", "both bilateral and unilateral")]
    [InlineData("99999999999 areas in the left lung", "more than 1000 areas")]
    [InlineData("", "does not say which lung")]
    public void WhatIsNotUnderstoodIsRefusedWithTwoExamples(string text, string reason)
    {
        FormatException refused = Assert.Throws<FormatException>(() => TypedReport.Read(text));
        Assert.Contains(reason, refused.Message);
        Assert.Contains("Write it like \"2 areas in the lower right lung\", or like \"Bilateral pulmonary infection, "
            + "two", refused.Message);
        Assert.Equal(2, LesionReport.Parse(
            "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.").Areas);
        Assert.Empty(TypedReport.Read("2 areas in the lower right lung").Assumed);
    }

    [Fact]
    public void ANumberThatIsNotSaidIsAssumedAndSaid()
    {
        Assert.Contains(
            "the smallest number that fits, 2, is used", Assert.Single(TypedReport.Read("opacities in the left lung").Assumed));
        Assert.Empty(TypedReport.Read("3 opacities in the left lung").Assumed);
    }

    [Fact]
    public void EverySentenceOfTheLibraryReadsAsItWasWritten()
    {
        for (int zones = 0; zones < 64; zones++)
        {
            var zone = (Zones)zones;
            int sides = new LesionReport(false, 0, zone).SidesNamed;
            var report = sides == 0 ? new LesionReport(false, 0, zone)
                : new LesionReport(sides == 2, 1 + (zones % 9), zone);
            Assert.Equal(report, TypedReport.Read(report.ToSentence()).Report);
            Assert.Equal(report, TypedReport.Read(report.ToSentence().ToLowerInvariant().Replace(",", "")).Report);
        }
    }

    [Fact]
    public void EverySentenceOfQaTaReadsAsTheSheetsReaderReadsIt()
    {
        string folder = SharedData.Require("data/QaTa-COV19");
        string[] sentences = [.. new[] { "Train", "Val", "Test" }
            .SelectMany(part => SheetTable
                .Read(Path.Combine(folder, $"{part}_Folder", $"{part}_text.xlsx"), ["Image", "Description"]).Rows)
            .Select(row => row["Description"]).Distinct()];
        Assert.True(sentences.Length > 100, $"{sentences.Length} sentences");
        Assert.All(sentences, sentence =>
            Assert.Equal(LesionReport.Parse(sentence), TypedReport.Read(sentence).Report));
    }
}
