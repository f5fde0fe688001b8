using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Fitting;

namespace C2FVL.Tests.Data;

public sealed class MaskReporterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachKindHasItsConvention()
    {
        BinaryMask mask = Lesion(120, 30); // below the picture's upper third, low in a lung
        Assert.Equal(new LesionReport(false, 1, Zones.LeftLower), MaskReporter.Write(mask, ImageKind.XRay));
        Assert.Equal(new LesionReport(false, 1, Zones.LeftMiddle | Zones.LeftLower), MaskReporter.Write(mask, ImageKind.CT));
        Assert.NotEqual(MaskReporter.Write(mask, ImageKind.XRay), MaskReporter.Write(mask, ImageKind.CT));
    }

    [Theory]
    [InlineData("Train_Folder/img", "Train_Folder/labelcol", "mask_", "Train_Folder/Train_text.xlsx")]
    [InlineData("Test Set/Images", "Test Set/Ground-truths", "mask_", "Test Set/Test_text.xlsx")]
    [InlineData("QaTa-COV19-v2/Test Set/Images", "QaTa-COV19-v2/Test Set/Ground-truths", "mask_", "QaTa-COV19-v2/Test Set/Test_text.xlsx")]
    [InlineData("val/images", "val/masks", "", "val/Val_text.xlsx")]
    [InlineData("images", "masks", "", "text.xlsx")]
    [InlineData("", "", "mask_", "text.xlsx")]
    public void SheetsLieWhereTheyAreReadFromThenOn(string images, string masks, string prefix, string sheet)
    {
        Put(images, masks, prefix, "a", 120, 30);
        Put(images, masks, prefix, "b", 30, 150);
        Dataset dataset = DatasetReader.Read(folder.Path);

        var written = Assert.Single(SheetsFromMasks.Write(dataset));

        Assert.Equal(Path.Combine(folder.Path, sheet), written.Path);
        Dataset again = DatasetReader.Read(folder.Path);
        Assert.Empty(again.Faults.Except(dataset.Faults));
        Assert.Equal(MaskReporter.WriteAll(dataset).Cases.Select(c => c.Report), again.Cases.Select(c => c.Report));
        Assert.All(again.Cases, c => Assert.NotNull(c.Report));
    }

    [Fact]
    public void ASheetIsInTheAuthorsFormat()
    {
        Put("Train_Folder/img", "Train_Folder/labelcol", "mask_", "a", 120, 30);
        string path = SheetsFromMasks.Write(DatasetReader.Read(folder.Path))[0].Path;

        IDictionary<string, object>[] rows = [.. MiniExcelLibs.MiniExcel.Query(path, useHeaderRow: true).Cast<IDictionary<string, object>>()];
        Assert.Equal(["Image", "Description", "bilateral", "number", "lupper", "lmiddle", "llower", "rupper", "rmiddle", "rlower"], rows[0].Keys);
        Assert.Equal(
            ["mask_a.png", "Unilateral pulmonary infection, one infected area, lower left lung.", 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            rows[0].Values);
    }

    [Fact]
    public void NothingIsOverwritten()
    {
        Put("images", "masks", "", "a", 120, 30);
        Dataset dataset = DatasetReader.Read(folder.Path);
        SheetsFromMasks.Write(dataset);
        byte[] before = File.ReadAllBytes(folder["text.xlsx"]);

        Assert.EndsWith("text.xlsx already exists and is not overwritten. Move it away, or write the sheets to another folder.", Assert.Throws<IOException>(() => SheetsFromMasks.Write(dataset)).Message);
        Assert.Contains("1 of the 1 cases already have reports", Assert.Throws<IOException>(() => SheetsFromMasks.Write(DatasetReader.Read(folder.Path))).Message);
        Assert.Equal(before, File.ReadAllBytes(folder["text.xlsx"]));
        Assert.Equal(folder["elsewhere", "text.xlsx"], Assert.Single(SheetsFromMasks.Write(DatasetReader.Read(folder.Path), folder["elsewhere"])).Path);
    }

    [Fact]
    public void ABrokenMaskIsNamedAndNothingIsWritten()
    {
        Put("train/images", "train/masks", "", "a", 120, 30);
        Put("test/images", "test/masks", "", "b", 120, 30);
        File.WriteAllText(folder["test", "masks", "b.png"], "no picture");

        Assert.StartsWith(folder["test", "masks", "b.png"], Assert.Throws<InvalidDataException>(() => SheetsFromMasks.Write(DatasetReader.Read(folder.Path))).Message);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.xlsx", SearchOption.AllDirectories));
    }

    /// <summary>What it is measured by: QaTa-COV19's test part, which the fit has not seen.</summary>
    [Fact]
    public void OnQaTasTestPartItAgreesWithTheAnnotators()
    {
        Case[] cases = [.. DatasetReader.Read(SharedData.Require("data/QaTa-COV19")).Cases.Where(c => c.GivenPart == Part.Test)];
        IReadOnlyList<ReportAgreement> rows = ReportAgreement.Between("MaskReporter", cases, c => MaskReporter.Write(ImageFile.ReadMask(c.MaskPath!), c.Kind));

        Assert.Equal([2113, 2113, 6 * 2113, 2 * 2113], rows.Select(r => r.Of));
        Assert.True(rows[0].Share >= 0.98, $"sides {rows[0].Share}");
        Assert.True(rows[1].Share >= 0.99, $"number {rows[1].Share}");
        Assert.True(rows[2].Share >= 0.885, $"zone flags {rows[2].Share}");
        Assert.True(rows[3].Share >= 0.77, $"zone triples {rows[3].Share}");
    }

    private void Put(string images, string masks, string prefix, string name, int row, int column)
    {
        ImageFile.Write(folder[images, name + ".png"], new GrayImage(224, 224));
        ImageFile.Write(folder[masks, prefix + name + ".png"], Lesion(row, column));
    }

    /// <summary>A lesion of 45 x 50 pixels.</summary>
    private static BinaryMask Lesion(int top, int left)
    {
        var mask = new BinaryMask(224, 224);
        for (int row = top; row < top + 45; row++)
        {
            for (int column = left; column < left + 50; column++)
                mask[row, column] = true;
        }

        return mask;
    }
}
