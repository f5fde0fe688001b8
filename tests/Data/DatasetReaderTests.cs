using C2FVL.Data;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Data;

public sealed class DatasetReaderTests : IDisposable
{
    private const string Sentence = "Unilateral pulmonary infection, one infected area, lower left lung.";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheAuthorsLayoutGivesPartsReportsAndPatients()
    {
        foreach (string part in new[] { "Train", "Val", "Test" })
        {
            string name = $"sub-s0000{part.Length}{part[0]}";
            Touch($"{part}_Folder/img/{name}.png", $"{part}_Folder/labelcol/mask_{name}.png");
            Write($"{part}_Folder/{part}_text.csv", $"Image,Description\nmask_{name}.png,\"{Sentence}\"\n");
        }

        Dataset data = Read();

        Assert.Empty(data.Faults);
        Assert.Equal([Part.Val, Part.Test, Part.Train], data.Cases.Select(c => c.GivenPart!.Value));
        Assert.All(data.Cases, c => Assert.Equal(LesionReport.Parse(Sentence), c.Report));
        Assert.All(data.Cases, c => Assert.Equal(ImageKind.XRay, c.Kind));
    }

    [Fact]
    public void ANumberThatATableProgramWroteWithAFractionIsTheNumber()
    {
        Touch("images/0007.png", "masks/0007.png");
        Write("text.csv", $"Image,Description\n7.0,\"{Sentence}\"\n");

        Assert.Equal("1 of 1 reports understood", Read().ReportsToText());
    }

    [Fact]
    public void ImagesWithoutLabelsAreCountedOnceWhateverTheirChannels()
    {
        Touch("imagesTr/a_0000.png", "imagesTr/a_0001.png", "labelsTr/a.png", "imagesTs/b_0000.png", "imagesTs/b_0001.png");
        Write("text.csv", $"Image,Description\na.png,\"{Sentence}\"\nb.png,\"{Sentence}\"\n");

        Dataset data = Read();

        Assert.Empty(data.Faults);
        Assert.Equal(["a"], data.Cases.Select(c => c.Id));
        Assert.Equal([folder["imagesTs", "b_0000.png"]], data.Unlabelled);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"file_ending\": 3}")]
    public void AnNnUNetDescriptionThatIsNoneIsAFault(string json)
    {
        Touch("imagesTr/a_0000.png", "labelsTr/a.png");
        Write("dataset.json", json);

        Assert.StartsWith("It cannot be read. ", Assert.Single(Read().Faults).Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("QaTa-COV19-v2/")]
    [InlineData("QaTa-COV19/QaTa-COV19-v2/")]
    public void KagglesQaTaIsReadFromItsFolderOrTheOneAround(string inside)
    {
        Touch($"{inside}Train Set/Images/sub-S09454_ses-E25547_run-1_bp-chest_vp-ap_dx.png", $"{inside}Train Set/Ground-truths/mask_sub-S09454_ses-E25547_run-1_bp-chest_vp-ap_dx.png");
        Touch($"{inside}Train Set/Images/covid_1.png", $"{inside}Train Set/Ground-truths/mask_covid_1.png");
        Touch($"{inside}Test Set/Images/sub-S1_x.png", $"{inside}Test Set/Ground-truths/sub-S1_x.png");

        Dataset data = Read();

        Assert.Empty(data.Faults);
        Assert.Equal(["covid_1", "sub-S09454_ses-E25547_run-1_bp-chest_vp-ap_dx", "sub-S1_x"], data.Cases.Select(c => c.Id));
        Assert.Equal([null, "sub-s09454", "sub-s1"], data.Cases.Select(c => c.Patient));
        Assert.Equal([Part.Train, Part.Train, Part.Test], data.Cases.Select(c => c.GivenPart!.Value));
        Assert.All(data.Cases, c => Assert.Null(c.Report));
    }

    [Fact]
    public void KagglesMosMedIsCtWithoutParts()
    {
        foreach (string name in new[] { "bjorke_1", "Jun_coronacases_case1_2", "Morozov_study_0255_3" })
            Touch($"frames/{name}.png", $"masks/{name}.png");

        Dataset data = Read();

        Assert.Empty(data.Faults);
        Assert.Equal(["Jun_coronacases_case1", "Morozov_study_0255", null], data.Cases.Select(c => c.Patient));
        Assert.All(data.Cases, c => Assert.Equal((ImageKind.CT, null), (c.Kind, c.GivenPart)));
    }

    [Fact]
    public void MedsegIsCtWithPartsAndMasksOfAnotherExtension()
    {
        Touch("medseg-ct/train/img/1.jpg", "medseg-ct/train/mask/1.png", "medseg-ct/test/img/2.jpg", "medseg-ct/test/mask/2.png");

        Dataset data = DatasetReader.Read(folder["medseg-ct"]);

        Assert.Empty(data.Faults);
        Assert.Equal([("1", ImageKind.CT, Part.Train), ("2", ImageKind.CT, Part.Test)], data.Cases.Select(c => (c.Id, c.Kind, c.GivenPart!.Value)));
        Assert.EndsWith("1.png", data.Cases[0].MaskPath);
    }

    [Theory]
    [InlineData("images/a.png", "masks/a.png")]
    [InlineData("Images/a.JPG", "Labels/a.bmp")]
    [InlineData("img/a.jpeg", "gt/mask_a.png")]
    [InlineData("img/a.bmp", "mask/A_mask.png")]
    [InlineData("a.png", "mask_a.png")]
    [InlineData("a.jpg", "a_MASK.png")]
    public void AnyFolderOfImagesAndMasksIsRead(string image, string mask)
    {
        Touch(image, mask);

        Case only = Assert.Single(Read().Cases);

        Assert.Equal(("a", folder[image], folder[mask]), (only.Id, only.ImagePath, only.MaskPath));
        Assert.Equal((ImageKind.XRay, null), (only.Kind, only.GivenPart));
        Assert.Empty(Read().Faults);
    }

    [Fact]
    public void SubfoldersNamedAfterPartsGiveParts()
    {
        Touch("train/images/a.png", "train/masks/a.png", "validation/images/b.png", "validation/masks/b.png", "test/images/c.png", "test/masks/c.png");

        Assert.Equal([Part.Train, Part.Val, Part.Test], Read().Cases.Select(c => c.GivenPart!.Value));
    }

    [Theory]
    [InlineData("reports.csv")]
    [InlineData("images/anything.csv")]
    public void ASheetBesideThePicturesGivesReports(string sheet)
    {
        Touch("images/a.png", "masks/a.png", "images/b.png", "masks/b.png");
        Write(sheet, $"image,description\na,\"{Sentence}\"\n");

        Dataset data = Read();

        Assert.Equal([LesionReport.Parse(Sentence), null], data.Cases.Select(c => c.Report));
        DataFault fault = Assert.Single(data.Faults);
        Assert.Equal((folder["images", "b.png"], "No row of the reports names it, so it has no report."), (fault.File, fault.Problem));
    }

    [Fact]
    public void ASheetInBothFormatsIsReadOnceAsWorkbookAndASetWithoutOneIsNamed()
    {
        Touch("Train_Folder/img/a.png", "Train_Folder/labelcol/mask_a.png", "Test_Folder/img/b.png", "Test_Folder/labelcol/mask_b.png");
        Write("Train_Folder/Train_text.csv", "Image,Description\na.png,No pulmonary infection.\n");
        ReportSheet.Write(folder["Train_Folder", "Train_text.xlsx"], [("mask_a.png", LesionReport.Parse(Sentence))]);

        Dataset data = Read();

        Assert.Equal(folder["Train_Folder", "Train_text.xlsx"], Assert.Single(data.Sheets));
        Assert.Equal([LesionReport.Parse(Sentence), null], data.Cases.Select(c => c.Report));
        Assert.Equal(folder["Test_Folder", "Test_text.xlsx"], Assert.Single(data.Faults).File);
    }

    [Fact]
    public void AWorkbookIsPreferredHoweverItsNameIsWritten()
    {
        Touch("images/a.png", "masks/a.png");
        Write("reports.csv", "Image,Description\na.png,No pulmonary infection.\n");
        ReportSheet.Write(folder["b.xlsx"], [("a.png", LesionReport.Parse(Sentence))]);
        File.Move(folder["b.xlsx"], folder["Reports.XLSX"]);

        Assert.Equal(LesionReport.Parse(Sentence), Assert.Single(Read().Cases).Report);
        Assert.Equal(folder["Reports.XLSX"], Assert.Single(Read().Sheets));
    }

    [Fact]
    public void WhereEachSetHasItsSheetOthersAreNotReports()
    {
        Touch("Train_Folder/img/a.png", "Train_Folder/labelcol/mask_a.png", "Test_Folder/img/b.png", "Test_Folder/labelcol/mask_b.png");
        Write("Train_Folder/Train_text.csv", $"Image,Description\na.png,\"{Sentence}\"\n");
        Write("Test_text.csv", $"Image,Description\nb.png,\"{Sentence}\"\n");
        Write("patients.csv", "Image,Patient\na.png,1\nb.png,2\n");

        Dataset data = Read();

        Assert.All(data.Cases, c => Assert.Equal(LesionReport.Parse(Sentence), c.Report));
        Assert.Equal([folder["Test_text.csv"], folder["Train_Folder", "Train_text.csv"]], data.Sheets.Order(StringComparer.Ordinal));
        Assert.Empty(data.Faults);
    }

    [Fact]
    public void ADamagedSheetOfOneSetHidesNoMissingRowOfAnother()
    {
        Touch("Train_Folder/img/a.png", "Train_Folder/labelcol/mask_a.png", "Test_Folder/img/b.png", "Test_Folder/labelcol/mask_b.png");
        Write("Train_Folder/Train_text.csv", $"Image,Description\n");
        Write("Test_Folder/Test_text.xlsx", "no workbook");

        Assert.Equal(
            [folder["Test_Folder", "Test_text.xlsx"], folder["Train_Folder", "img", "a.png"]],
            Read().Faults.Select(fault => fault.File));
    }

    [Fact]
    public void TheCallerSaysWhatMadeThePictures()
    {
        Touch("images/a.png", "masks/a.png");

        Dataset data = DatasetReader.Read(folder.Path, new DatasetSettings { Kind = ImageKind.CT }, name: "mine");

        Assert.Equal(ImageKind.CT, Assert.Single(data.Cases).Kind);
        Assert.Equal("mine", data.Name);
    }

    [Fact]
    public void WhatDoesNotFitIsToldAndTheRestIsRead()
    {
        Touch("images/a.png", "masks/a.png", "images/a.jpg", "images/lonely.png", "masks/orphan.png", "masks/a.bmp", "images/scan.dcm", "images/Thumbs.db");
        Write("reports.csv", $"Image,Description\na.png,\"{Sentence}\"\nghost.png,\"{Sentence}\"\nlonely.png,\"{Sentence}\"\n");

        Dataset data = Read();

        Assert.Equal("a", Assert.Single(data.Cases).Id);
        Assert.Equal(
            [
                "images/a.png: images/a.jpg has the same name; this image is left out.",
                "images/lonely.png: It has no mask and is left out.",
                "images/scan.dcm: 1 file of an unsupported type (.dcm).",
                "masks/a.png: a.bmp has the same name; this mask is left out.",
                "masks/orphan.png: It has no image and is left out.",
                "reports.csv: There is no image ghost.png.",
            ],
            Told(data).Order(StringComparer.Ordinal));
        Assert.All(data.Faults, fault => Assert.NotEmpty(fault.Cure));
    }

    [Fact]
    public void ABrokenSheetIsToldOnceAndTheCasesAreReadWithoutReports()
    {
        Touch("Train_Folder/img/a.png", "Train_Folder/labelcol/mask_a.png", "Train_Folder/Train_text.xlsx", "Val_Folder/img/b.png", "Val_Folder/labelcol/mask_b.png");

        Dataset data = Read();

        Assert.Equal(["a", "b"], data.Cases.Select(c => c.Id));
        Assert.Equal(2, data.Faults.Count);
        Assert.StartsWith("cannot be read as an Excel workbook", data.Faults[0].Problem);
        Assert.Equal(folder["Val_Folder", "Val_text.xlsx"], data.Faults[1].File);
    }

    [Fact]
    public void ImagesWithoutAFolderOfMasksAreNamedAndNoError()
    {
        Touch("Train_Folder/img/a.png", "Train_Folder/labelcol/mask_a.png", "Test_Folder/img/b.png", "Test_Folder/img/c.png");
        Write("Train_text.csv", $"Image,Description\na.png,\"{Sentence}\"\n");

        Dataset data = Read();

        Assert.NotNull(Assert.Single(data.Cases).Report);
        Assert.Empty(data.Faults);
        DataFault note = Assert.Single(data.Notes);
        Assert.Equal((folder["Test_Folder", "img"], "2 images without masks (b.png, c.png): no folder Test_Folder/labelcol is there."), (note.File, note.Problem));
        Assert.Equal([folder["Test_Folder", "img", "b.png"], folder["Test_Folder", "img", "c.png"]], data.Unlabelled);
    }

    [Fact]
    public void TheSameNameInTwoPartsIsTwoCasesThatCarryTheirPart()
    {
        Touch("train/images/1.png", "train/masks/1.png", "train/images/only.png", "train/masks/only.png", "test/images/1.png", "test/masks/1.png");
        Write("train/Train_text.csv", $"Image,Description\n1.png,\"{Sentence}\"\nonly.png,\"{Sentence}\"\n");
        Write("test/Test_text.csv", $"Image,Description\n1.png,\"{Sentence.Replace("lower", "upper", StringComparison.Ordinal)}\"\n");

        Dataset data = Read();

        Assert.Empty(data.Faults);
        Assert.Equal([("Test/1", Part.Test), ("Train/1", Part.Train), ("only", Part.Train)], data.Cases.Select(c => (c.Id, c.GivenPart!.Value)));
        Assert.Equal([Zones.LeftUpper, Zones.LeftLower, Zones.LeftLower], data.Cases.Select(c => c.Report!.Zones));
        Assert.Contains("1 name (such as 1) is in more than one set", Assert.Single(data.Notes).Problem);
    }

    [Fact]
    public void AFolderOfNoKnownLayoutSaysWhatWasLookedFor()
    {
        Touch("pictures of my cat/1.png");

        string message = Assert.Throws<InvalidDataException>(() => Read()).Message;

        Assert.StartsWith($"{folder.Path}: this folder has no known layout. Known layouts:", message);
        Assert.All(["Train_Folder", "Train Set", "frames and masks", "train and test", "mask_X"], wanted => Assert.Contains(wanted, message));
    }

    [Fact]
    public void AFolderThatIsNotThereIsNamed() =>
        Assert.Contains("there is no such folder", Assert.Throws<DirectoryNotFoundException>(() => DatasetReader.Read(folder["absent"])).Message);

    [Fact]
    public void TheRealQaTaIsReadWhole()
    {
        string real = SharedData.Require("data/QaTa-COV19");

        Dataset data = DatasetReader.Read(real);

        Assert.Empty(data.Faults); // no orphan, no sentence that differs from its columns
        Assert.Equal("QaTa-COV19", data.Name);
        Assert.Equal(9258, data.Cases.Count);
        Assert.Equal([5716, 1429, 2113], new[] { Part.Train, Part.Val, Part.Test }.Select(part => data.Cases.Count(c => c.GivenPart == part)));
        Assert.Equal(data.Cases.Select(c => c.Id).Order(StringComparer.Ordinal), data.Cases.Select(c => c.Id));
        Assert.All(data.Cases, c => Assert.Equal(c.Id.StartsWith("covid_", StringComparison.Ordinal), c.Patient is null));
        Assert.Equal(2951, data.Cases.Count(c => c.Patient is null));

        Case[] contradictory = [.. data.Cases.Where(c => c.Report!.Contradictions().Count > 0)];
        Assert.All(contradictory, c => Assert.True(c.Report!.CountsFewerAreasThanSides));
        Assert.Equal([36, 7, 5], new[] { Part.Train, Part.Val, Part.Test }.Select(part => contradictory.Count(c => c.GivenPart == part)));
    }

    [Fact]
    public void TheRealCtSlicesAreReadWhole()
    {
        Dataset data = DatasetReader.Read(SharedData.Require("data/medseg-ct"));

        Assert.Empty(data.Faults);
        Assert.Equal((98, 50, 48), (data.Cases.Count, data.Cases.Count(c => c.GivenPart == Part.Train), data.Cases.Count(c => c.GivenPart == Part.Test)));
        Assert.All(data.Cases, c => Assert.Equal(ImageKind.CT, c.Kind));
    }

    /// <summary>Front up and the patient's right on the image's left: the spine is below, the heart reaches to the right.</summary>
    [Fact]
    public void TheRealCtSlicesStandUpright()
    {
        const int Side = 100;
        Dataset data = DatasetReader.Read(SharedData.Require("data/medseg-ct"));
        var mean = new double[Side, Side];
        foreach (Case item in data.Cases)
        {
            GrayImage image = Resize.Area(item.ReadImage(), Side);
            for (int i = 0; i < image.Pixels.Length; i++)
                mean[i / Side, i % Side] += image.Pixels[i] / data.Cases.Count;
        }

        double spine = Mean(75, 90, 42, 58), front = Mean(2, 17, 42, 58), left = Mean(42, 58, 5, 20), right = Mean(42, 58, 80, 95);
        Assert.True(spine > front + 0.05 && spine > left + 0.2 && spine > right + 0.2, $"{spine} {front} {left} {right}");
        double heart = Mean(25, 50, 60, 75), opposite = Mean(25, 50, 25, 40);
        Assert.True(heart > opposite + 0.05, $"{heart} {opposite}");

        double Mean(int top, int bottom, int first, int last) =>
            (from row in Enumerable.Range(top, bottom - top) from column in Enumerable.Range(first, last - first) select mean[row, column]).Average();
    }

    private Dataset Read() => DatasetReader.Read(folder.Path);

    private IEnumerable<string> Told(Dataset data) =>
        data.Faults.Select(fault => $"{Path.GetRelativePath(folder.Path, fault.File).Replace('\\', '/')}: {fault.Problem}");

    private void Touch(params string[] files)
    {
        foreach (string file in files)
            Write(file, "");
    }

    private void Write(string file, string text)
    {
        string path = folder[file];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
