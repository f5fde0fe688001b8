using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Checks;

namespace C2FVL.Tests.Data;

/// <summary>The small inputs in ../shared/cases that once went wrong: images, masks, folders and sheets.</summary>
public sealed class SharedCasesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("label-values/labels4", null, "0 on 15,184 pixels, 1 on 400, 2 on 400, 3 on 400")]
    [InlineData("label-values/junma", null, "0 on 8,284 pixels, 1 on 3,825, 2 on 4,050, 3 on 225")]
    [InlineData("label-values/junma", 3, "225")]
    [InlineData("jpeg-masks/jpg_01png", null, "1266")]
    [InlineData("jpeg-masks/jpg_01q75", null, "JPEG changes values")]
    [InlineData("jpeg-masks/jpg_01q50", null, "JPEG changes values")]
    [InlineData("alpha/al_alphaonly", null, "1257")]
    [InlineData("alpha/al_palblack", null, "1257")]
    [InlineData("alpha/al_whitealpha", null, "1257")]
    [InlineData("exif/exif_sq6", null, "702")]
    [InlineData("exif/exif_rect6", null, "709")]
    public void AMaskIsReadOrRefusedByName(string name, int? label, string right)
    {
        Case only = Assert.Single(Read(name, new DatasetSettings { LesionLabel = label }).Cases);
        if (int.TryParse(right, out int area))
        {
            Assert.Equal(area, only.ReadMask().Area);
            return;
        }

        string message = Assert.Throws<InvalidDataException>(() => only.ReadMask()).Message;
        Assert.StartsWith(only.MaskPath + ": ", message);
        Assert.Contains(right, message);
    }

    [Fact]
    public void OneLabelOfAMaskIsOneAreaOnTheRight()
    {
        LesionReport report = MaskReporter.WriteAll(Read("label-values/junma", new DatasetSettings { LesionLabel = 3 })).Cases[0].Report!;
        Assert.Equal((false, 1), (report.Bilateral, report.Areas));
        Assert.Equal(Zones.None, report.Zones & Zones.Left);
    }

    [Fact]
    public void ATurnedImageLiesUnderItsMask()
    {
        Case square = Read("exif/exif_sq6").Cases[0], oblong = Read("exif/exif_rect6").Cases[0];
        (GrayImage image, BinaryMask mask) = (square.ReadImage(), square.ReadMask());
        Assert.Equal(0.82, image.Pixels.Where((_, i) => mask.Pixels[i] == 1).Average(), 0.03); // the background is 0.25
        Assert.Equal((160, 100), (oblong.ReadImage().Width, oblong.ReadImage().Height));
    }

    [Fact]
    public void NamesInAnotherUnicodeFormPairUp()
    {
        Dataset data = Read("nfd/nfd");
        Assert.Empty(data.Faults);
        Assert.Equal((3, 3), (data.Cases.Count, data.Cases.Count(c => c.Report is not null)));
        Assert.Equal(["B\u00e4r_2", "M\u00fcller_1", "plain_3"], data.Cases.Select(c => c.Id));
        Assert.Equal("3 of 3 reports understood", data.ReportsToText());
    }

    [Fact]
    public void NnUNetsRawFolderIsRead()
    {
        Dataset data = Read("nnunet/Dataset001_X");
        Assert.Empty(data.Faults);
        Assert.Equal((10, 4, ImageKind.XRay), (data.Cases.Count, data.Unlabelled.Count, data.Cases[0].Kind));
        Assert.Equal("case_000", data.Cases[0].Id);
        Assert.Contains("case_010_0000.png", Assert.Single(data.Notes).Problem);
        Assert.Empty(DatasetCheck.Run(data).Faults);
    }

    [Fact]
    public void TrainValAndTestWithImgAndMaskAreAllRead()
    {
        Dataset data = Read("img-mask-parts");
        Assert.Empty(data.Faults);
        Assert.Equal([12, 4, 4], new[] { Part.Train, Part.Val, Part.Test }.Select(part => data.Cases.Count(c => c.GivenPart == part)));
        Assert.Equal(ImageKind.XRay, data.Cases[0].Kind);
        Assert.Equal(ImageKind.CT, Read("img-mask-parts", new DatasetSettings { Kind = ImageKind.CT }).Cases[0].Kind);
    }

    [Theory]
    [InlineData("sheets/a.xlsx", 20)]
    [InlineData("sheets/d.xlsx", 20)]
    [InlineData("sheets/d2.xlsx", 20)]
    [InlineData("sheets/i.xlsx", 20)]
    [InlineData("sheets/zeros_Train_text.xlsx", 40)]
    public void ASheetIsReadWhereverItsTableStands(string name, int rows)
    {
        ReportSheet sheet = ReportSheet.Read(SharedData.Require("cases/" + name));
        Assert.Empty(sheet.Faults);
        Assert.Equal(rows, sheet.Rows.Count(row => row.Report is not null));
    }

    [Fact]
    public void NumbersMeanNamesWithZeros()
    {
        for (int i = 1; i <= 40; i++)
            Touch($"Train_Folder/img/{i:0000}.png", $"Train_Folder/labelcol/{i:0000}.png");
        File.Copy(SharedData.Require("cases/sheets/zeros_Train_text.xlsx"), folder["Train_Folder", "Train_text.xlsx"]);
        Assert.Equal("40 of 40 reports understood", DatasetReader.Read(folder.Path).ReportsToText());
    }

    [Fact]
    public void SentencesAboutOtherThingsAreNoReports()
    {
        for (int i = 1; i <= 40; i++)
            Touch($"Train_Folder/img/{i:0000}.png", $"Train_Folder/labelcol/{i:0000}.png");
        File.Copy(SharedData.Require("cases/sheets/mono_Train_text.xlsx"), folder["Train_Folder", "Train_text.xlsx"]);

        string[] lines = DatasetReader.Read(folder.Path).ReportsToText().Split('\n');

        Assert.Equal("0 of 40 reports understood", lines[0]);
        Assert.Contains("row 2: The report \"The nuclei are evenly distributed.\" is not understood", lines[1]);
        Assert.Equal("  and 37 more", lines[4]);
    }

    [Fact]
    public void UnquotedCommasAreAnErrorWithTheRow()
    {
        ReportSheet sheet = ReportSheet.Read(SharedData.Require("cases/sheets/unquoted-commas.csv"));
        Assert.All(sheet.Rows, row => Assert.Null(row.Report));
        Assert.StartsWith("The row has 3 fields and the header 2 columns", sheet.Faults[0].Problem);
        Assert.Equal(2, sheet.Faults[0].Row);
    }

    [Fact]
    public async Task HugeRowsAndColumnsTakeNoTime()
    {
        string lastColumn = SharedData.Require("cases/sheets/lastcol/reports.xlsx"), hugeRow = SharedData.Require("cases/sheets/hugerow/reports.xlsx");
        await Task.Run(() =>
        {
            Assert.Equal(6, ReportSheet.Read(lastColumn).Rows.Count);
            Assert.Contains("a row 2147483000, and a worksheet has at most 1048576", Assert.Throws<InvalidDataException>(() => ReportSheet.Read(hugeRow)).Message);
        }).WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void AnEnormousPictureIsRefusedBeforeItIsDecoded()
    {
        string path = SharedData.Require("cases/png/bomb1.png");
        string message = Assert.Throws<InvalidDataException>(() => ImageFile.Read(path)).Message;
        Assert.Equal($"{path}: It is 20000 x 20000: 400 megapixels, but the limit is 100. Scale the image down, or copy it again if it should be smaller.", message);
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => ImageFile.ReadMask(path)).Message);
    }

    [Fact]
    public void AnInterlaced16BitPictureIsRead()
    {
        GrayImage image = ImageFile.Read(SharedData.Require("cases/png/a16i.png"));
        Assert.Equal((128, 128), (image.Width, image.Height));
        Assert.True(image.Pixels.Distinct().Count() > 1);
        float jump = Enumerable.Range(1, 127).Average(c => Math.Abs(image[64, c] - image[64, c - 1]));
        Assert.InRange(jump, 0, 0.1f); // neighbours are alike where the passes are put together rightly
    }

    private static Dataset Read(string name, DatasetSettings? settings = null) =>
        DatasetReader.Read(SharedData.Require("cases/" + name), settings ?? new DatasetSettings());

    private void Touch(params string[] files)
    {
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.WriteAllText(folder[file], "");
        }
    }
}
