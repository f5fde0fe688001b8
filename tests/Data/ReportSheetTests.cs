using C2FVL.Data;
using C2FVL.Tests.Support;
using MiniExcelLibs;

namespace C2FVL.Tests.Data;

public sealed class ReportSheetTests : IDisposable
{
    private const string Lower = "Unilateral pulmonary infection, one infected area, lower left lung.";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AWorkbookOfSentencesIsRead()
    {
        string path = folder["reports.xlsx"];
        MiniExcel.SaveAs(path, new[] { new { Image = "mask_a.png", Description = Lower }, new { Image = "b.png", Description = "No pulmonary infection." } });

        ReportSheet sheet = ReportSheet.Read(path);

        Assert.Equal([new ReportRow(2, "mask_a.png", LesionReport.Parse(Lower)), new ReportRow(3, "b.png", new LesionReport(false, 0, Zones.None))], sheet.Rows);
        Assert.Empty(sheet.Faults);
    }

    [Fact]
    public void AWorkbookOfColumnsIsReadWhateverTheirCapitals()
    {
        string path = folder["reports.xlsx"];
        MiniExcel.SaveAs(path, new[] { new { IMAGE = "a.png", Bilateral = 0, Number = 1, LUpper = 0, LMiddle = 0, LLower = 1, RUpper = 0, RMiddle = 0, RLower = 0 } });

        Assert.Equal([new ReportRow(2, "a.png", LesionReport.Parse(Lower))], ReportSheet.Read(path).Rows);
    }

    [Fact]
    public void ASheetOfRemarksOnTheImagesTakesNoReportAway()
    {
        string path = folder["reports.xlsx"];
        MiniExcel.SaveAs(path, new Dictionary<string, object>
        {
            ["Remarks"] = new[] { new { Image = "a.png", Remark = "blurred" } },
            ["Reports"] = new[] { new { Image = "a.png", Description = Lower } },
        });

        ReportSheet sheet = ReportSheet.Read(path);

        Assert.Equal([new ReportRow(2, "a.png", LesionReport.Parse(Lower))], sheet.Rows);
        Assert.Empty(sheet.Faults);
    }

    [Fact]
    public void ACsvWithCommasInItsSentencesIsRead()
    {
        ReportSheet sheet = Csv($"description,image\n\"{Lower}\",a.png\n\n\"{Lower}\",b.png\n");

        Assert.Equal([new ReportRow(2, "a.png", LesionReport.Parse(Lower)), new ReportRow(4, "b.png", LesionReport.Parse(Lower))], sheet.Rows);
        Assert.Empty(sheet.Faults);
    }

    [Fact]
    public void ACsvWithSemicolonsIsRead() => Assert.Single(Csv($"Image;Description\na.png;{Lower}\n").Rows);

    [Fact]
    public void ABadRowIsToldWithItsNumberAndTheOthersAreRead()
    {
        ReportSheet sheet = Csv($"Image,Description\na.png,\"{Lower}\"\nb.png,gibberish\nc.png,\n,\"{Lower}\"\nd.png,\"{Lower}\"\n");

        Assert.Equal(["a.png", "d.png"], sheet.Rows.Where(row => row.Report is not null).Select(row => row.Image));
        Assert.Equal([3, 4, 5], sheet.Faults.Select(fault => fault.Row!.Value));
        Assert.Contains("\"gibberish\" is an unknown word", sheet.Faults[0].Problem);
        Assert.Equal("The row has an image but no report.", sheet.Faults[1].Problem);
        Assert.Equal("The row names no image.", sheet.Faults[2].Problem);
        Assert.All(sheet.Faults, fault => Assert.EndsWith("reports.csv", fault.File));
    }

    [Fact]
    public void OfSentenceAndColumnsTheColumnsCountAndTheDifferenceIsTold()
    {
        ReportSheet sheet = Csv($"Image,Description,bilateral,number,lupper,lmiddle,llower,rupper,rmiddle,rlower\na.png,\"{Lower}\",0,2,0,0,1,0,0,0\n");

        Assert.Equal(new LesionReport(false, 2, Zones.LeftLower), Assert.Single(sheet.Rows).Report);
        Assert.Equal("The sentence counts one infected area, the columns 2.", Assert.Single(sheet.Faults).Problem);
    }

    [Fact]
    public void ABadCellIsToldAndTheSentenceUsed()
    {
        ReportSheet sheet = Csv($"Image,Description,bilateral,number,lupper,lmiddle,llower,rupper,rmiddle,rlower\na.png,\"{Lower}\",0,many,0,0,1,0,0,0\n");

        Assert.Equal(LesionReport.Parse(Lower), Assert.Single(sheet.Rows).Report);
        Assert.Equal("number is \"many\"; it must be a whole number from 0 to 1000.", Assert.Single(sheet.Faults).Problem);
    }

    [Fact]
    public void TheSecondRowOfAnImageIsNotUsed()
    {
        ReportSheet sheet = Csv($"Image,Description\na.png,\"{Lower}\"\nA.png,No pulmonary infection.\n");

        Assert.Equal(LesionReport.Parse(Lower), Assert.Single(sheet.Rows).Report);
        Assert.Equal("A.png already has a report in row 2, and a different one; this row is not used.", Assert.Single(sheet.Faults).Problem);
    }

    [Theory]
    [InlineData("Name,Description\n", "the column Image is missing. It has the columns Name, Description.")]
    [InlineData("Image,Text\n", "the column Description is missing. It has the columns Image, Text.")]
    [InlineData("Image,bilateral,number,lupper,lmiddle,llower,rupper,rmiddle\n", "of the eight columns rlower is missing.")]
    [InlineData("", "the column Image is missing. It is empty.")]
    public void AMissingColumnIsNamedWithThoseThatAreThere(string text, string told)
    {
        var error = Assert.Throws<InvalidDataException>(() => Csv(text));

        Assert.StartsWith(folder["reports.csv"] + ": ", error.Message);
        Assert.Contains(told, error.Message);
    }

    [Fact]
    public void SomeOfTheEightColumnsBesideASentenceAreNotUsedAndThatIsTold()
    {
        ReportSheet sheet = Csv($"Image,Description,number\na.png,\"{Lower}\",7\n");

        Assert.Equal(LesionReport.Parse(Lower), Assert.Single(sheet.Rows).Report);
        Assert.Contains("bilateral, lupper", Assert.Single(sheet.Faults).Problem);
    }

    [Fact]
    public void OfTwoColumnsOfOneNameTheFirstIsReadAndThatIsTold()
    {
        ReportSheet sheet = Csv($"Title\nImage,Description,description\na.png,\"{Lower}\",No pulmonary infection.\n");

        Assert.Equal(LesionReport.Parse(Lower), Assert.Single(sheet.Rows).Report);
        DataFault told = Assert.Single(sheet.Faults);
        Assert.Equal((2, "Several columns are named Description; the first of them is read."), (told.Row, told.Problem));
        Assert.Empty(Csv($"Image,Description,remark,remark\na.png,\"{Lower}\",x,y\n").Faults);
    }

    [Fact]
    public void ACsvInAnotherEncodingIsNamed()
    {
        string path = folder["latin.csv"];
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes($"Image,Description\nB\u00e4r.png,\"{Lower}\"\n"));
        DataFault told = Assert.Single(ReportSheet.Read(path).Faults);
        Assert.Equal((2, "Export the sheet as CSV UTF-8."), (told.Row, told.Cure));
    }

    [Fact]
    public void AMergedCellStandsForEachOfItsRows()
    {
        string path = folder["reports.xlsx"];
        TestWorkbook.Write(
            path,
            $"<row r=\"1\">{TestWorkbook.Text("A1", "All patients of 2020")}</row>"
            + $"<row r=\"2\">{TestWorkbook.Text("A2", "Image")}{TestWorkbook.Text("B2", "Description")}</row>"
            + $"<row r=\"3\">{TestWorkbook.Text("A3", "a.png")}{TestWorkbook.Text("B3", Lower)}</row>"
            + $"<row r=\"4\">{TestWorkbook.Text("A4", "b.png")}<c r=\"B4\"/></row>"
            + $"<row r=\"5\">{TestWorkbook.Text("A5", "c.png")}</row>"
            + $"<row r=\"6\">{TestWorkbook.Text("A6", "d.png")}{TestWorkbook.Text("B6", "No pulmonary infection.")}</row>",
            "A1:B1",
            "B3:B5");

        ReportSheet sheet = ReportSheet.Read(path);

        Assert.Empty(sheet.Faults);
        Assert.Equal(["a.png", "b.png", "c.png"], sheet.Rows.Where(row => row.Report == LesionReport.Parse(Lower)).Select(row => row.Image));
        Assert.Equal(new ReportRow(6, "d.png", new LesionReport(false, 0, Zones.None)), sheet.Rows[3]);
    }

    [Fact]
    public void AMergedImageWithTwoReportsIsTold()
    {
        string path = folder["reports.xlsx"];
        TestWorkbook.Write(
            path,
            $"<row r=\"1\">{TestWorkbook.Text("A1", "Image")}{TestWorkbook.Text("B1", "Description")}</row>"
            + $"<row r=\"2\">{TestWorkbook.Text("A2", "a.png")}{TestWorkbook.Text("B2", Lower)}</row>"
            + $"<row r=\"3\">{TestWorkbook.Text("B3", "No pulmonary infection.")}</row>",
            "A2:A3");

        ReportSheet sheet = ReportSheet.Read(path);

        Assert.Equal(LesionReport.Parse(Lower), Assert.Single(sheet.Rows).Report);
        Assert.Equal("a.png already has a report in row 2, and a different one; this row is not used.", Assert.Single(sheet.Faults).Problem);
    }

    [Fact]
    public void AFormulaIsItsStoredValueAndWithoutOneItIsNamed()
    {
        string path = folder["reports.xlsx"];
        TestWorkbook.Write(
            path,
            $"<row r=\"1\">{TestWorkbook.Text("A1", "Image")}{TestWorkbook.Text("B1", "Description")}</row>"
            + $"<row r=\"2\">{TestWorkbook.Text("A2", "a.png")}{TestWorkbook.Formula("B2", "CONCATENATE(D2)", Lower)}</row>"
            + $"<row r=\"3\">{TestWorkbook.Text("A3", "b.png")}{TestWorkbook.Formula("B3", "CONCATENATE(D3)")}</row>"
            + $"<row r=\"4\">{TestWorkbook.Formula("A4", "D4&amp;\".png\"")}{TestWorkbook.Text("B4", Lower)}</row>"
            + $"<row r=\"5\">{TestWorkbook.Text("A5", "c.png")}{TestWorkbook.Text("B5", Lower)}{TestWorkbook.Formula("C5", "LEN(B5)")}</row>");

        ReportSheet sheet = ReportSheet.Read(path);

        Assert.Equal([("a.png", true), ("b.png", false), ("c.png", true)], sheet.Rows.Select(row => (row.Image, row.Report is not null)));
        Assert.Equal([(3, "The cell under Description is a formula whose value is not stored."), (4, "The cell under Image is a formula whose value is not stored.")],
            sheet.Faults.Select(fault => (fault.Row!.Value, fault.Problem)));
        Assert.All(sheet.Faults, fault => Assert.Equal("Open the workbook in Excel or LibreOffice and save it, or paste the values.", fault.Cure));
    }

    [Fact]
    public void AFileThatIsNoWorkbookIsNamed()
    {
        string path = folder["reports.xlsx"];
        File.WriteAllText(path, "not a workbook");

        Assert.StartsWith($"{path}: cannot be read as an Excel workbook", Assert.Throws<InvalidDataException>(() => ReportSheet.Read(path)).Message);
    }

    [Fact]
    public void AFileThatIsNotThereIsNamed() =>
        Assert.Contains("there is no such file", Assert.Throws<FileNotFoundException>(() => ReportSheet.Read(folder["absent.csv"])).Message);

    private ReportSheet Csv(string text)
    {
        string path = folder["reports.csv"];
        File.WriteAllText(path, text);
        return ReportSheet.Read(path);
    }
}
