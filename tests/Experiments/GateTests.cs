using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

/// <summary>What the gate refuses before the first step, and what a refused run leaves behind.</summary>
[Collection(nameof(SeededTorch))]
public sealed class GateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunSpec spec;
    private readonly List<string> notes = [];

    public GateTests() => spec = TinyRun.Spec(folder["data"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATestMaskOneColumnNarrowerIsRefusedBeforeTheFirstStep()
    {
        string mask = Masks(Part.Test)[0];
        ImageFile.Write(mask, new BinaryMask(31, 32));
        string message = Refused<InvalidDataException>();
        Assert.StartsWith(mask, message);
        Assert.Contains("31 x 32", message);
    }

    [Fact]
    public void AnImageThatIsCutShortIsNamed()
    {
        string image = Directory.GetFiles(Path.Combine(spec.Data.Set, "Val_Folder", "img"))[0];
        File.WriteAllBytes(image, File.ReadAllBytes(image)[..100]);
        Assert.StartsWith(image, Refused<InvalidDataException>());
    }

    [Fact]
    public void SeveralBadFilesAreCountedAndNamed()
    {
        foreach (string mask in Masks(Part.Train)[..7])
            File.WriteAllText(mask, "no image");
        string message = Refused<InvalidDataException>();
        Assert.Contains("7 cases cannot be used", message);
        Assert.Contains("and 2 more", message);
    }

    [Fact]
    public void ReportsThatMatchNoImageAreCountedWithTheirReasonsAndTheCure()
    {
        WriteReports((_, i) => $"{1000 + i}.png");
        string message = Refused<InvalidDataException>();
        Assert.Contains("0 of 8 reports understood", message);
        Assert.Equal(3, message.Split('\n').Count(line => line.StartsWith("  " + spec.Data.Set, StringComparison.Ordinal)));
        Assert.Contains("--text Missing", message);
        Assert.Contains("--accept-reports 0", message);
    }

    [Fact]
    public void WithoutAnySheetTheReasonIsThatThereIsNone()
    {
        foreach (string sheet in Directory.GetFiles(spec.Data.Set, "*.xlsx", SearchOption.AllDirectories))
            File.Delete(sheet);
        Assert.Contains("0 of 8 reports understood", Refused<InvalidDataException>());
    }

    [Fact]
    public void ANetworkThatReadsNoReportAndARunWithoutTextNeedNone()
    {
        WriteReports((_, i) => $"{1000 + i}.png");
        Assert.Null(Store().GetOrTrain(spec with { Text = TextMode.Missing }).ReportsText());
        Assert.Null(Store().GetOrTrain(spec with { Model = UNetSettings.Tiny with { ImageSize = 32 } }).ReportsText());
    }

    [Fact]
    public void TheSettingsSayWhatTheNetworkReads() => Assert.All(ModelCatalog.Names, name =>
    {
        ModelSettings settings = ModelCatalog.Get(name, Scale.Phantom);
        using SegmentationModel model = settings.Create();
        Assert.Equal(model.UsesText, settings.ReadsText);
    });

    [Fact]
    public void AnAcceptedShareIsKeptWithTheRun()
    {
        WriteReports((name, i) => i == 0 ? "nobody.png" : name);
        Assert.Contains("7 of 8 reports understood", Refused<InvalidDataException>());
        Run run = new RunStore(folder["runs"], folder["results"]) { LeastReports = 0.8, Note = notes.Add }.GetOrTrain(spec);
        Assert.Equal("reports understood: Train 7 of 8, Val 2 of 2, Test 4 of 4", run.ReportsText());
        Assert.Contains("7 of 8", ScoreTable.Of("t", [new ExperimentRow("g", "r", spec)], Store()).Caption);

        // It is finished, so it loads without being accepted again.
        Assert.Equal(run.Folder, Store().GetOrTrain(spec, _ => Assert.Fail("it trains")).Folder);
    }

    [Fact]
    public void AnEmptySetIsNamedWithTheSplits()
    {
        foreach (string sub in new[] { "img", "labelcol" })
            Array.ForEach(Directory.GetFiles(Path.Combine(spec.Data.Set, "Val_Folder", sub)), File.Delete);
        string message = Refused<InvalidDataException>();
        Assert.Contains("validation set is empty", message);
        Assert.Contains("EightOneOneByPatient", message);
    }

    [Fact]
    public void ASettingOutOfRangeLeavesNothingBehind()
    {
        var wrong = spec with { Training = spec.Training with { BatchSize = 0 } };
        Assert.ThrowsAny<ArgumentException>(() => Store().GetOrTrain(wrong));
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Fact]
    public void FilesAreLookedAtAgainOnlyWhereTheyChanged()
    {
        string mask = Masks(Part.Train)[0];
        File.SetLastWriteTimeUtc(mask, DateTime.UtcNow.AddMinutes(-1));
        int looks = 0;
        FileRecord Look(string reading = "") => FileRecords.Get(mask, reading, () => new($"{++looks}", 1, 1));
        Assert.Equal("1", Look().Digest);
        Assert.Equal("1", Look().Digest);
        File.SetLastWriteTimeUtc(mask, DateTime.UtcNow.AddMinutes(-2));
        Assert.Equal("2", Look().Digest);

        // Read in another way, it may not pass.
        Assert.Equal("3", Look("label 3").Digest);
        Assert.Equal("2", Look().Digest);

        // Changed within the clock's step: it may change again unseen.
        File.SetLastWriteTimeUtc(mask, DateTime.UtcNow);
        Assert.Equal("4", Look().Digest);
        Assert.Equal("5", Look().Digest);
    }

    [Fact]
    public void ALesionLabelThatNoMaskHoldsIsRefusedWithTheValuesThatAreThere()
    {
        string message = Assert.Throws<InvalidDataException>(() => RunData.Open(spec.Data with { LesionLabel = 7 })).Message;
        Assert.Contains("none of the 14 masks contains the lesion label 7", message);
        Assert.Contains("contains 0, 255. Choose a label that the masks contain", message);
    }

    [Fact]
    public void MasksThatHoldDifferentLabelsAreRefusedAndOtherValuesAreNoted()
    {
        Paint(1, Masks(Part.Train)[..3]);
        Assert.Contains("note: The masks mark the lesion by different values: 1 in 3 masks", RunData.Open(spec.Data).ToText());
        Paint(2, Masks(Part.Test)[..2]);
        string message = Refused<InvalidDataException>();
        Assert.Contains($"the masks contain different labels: 1 in 3 masks (such as {Masks(Part.Train)[0]}), 2 in 2 masks", message);
        Assert.Contains("--lesion-label 1", message);
    }

    [Fact]
    public void ImagesThatSetsShareAreNoted()
    {
        string[] train = Directory.GetFiles(Path.Combine(spec.Data.Set, "Train_Folder", "img"));
        string[] test = Directory.GetFiles(Path.Combine(spec.Data.Set, "Test_Folder", "img"));
        Assert.DoesNotContain("byte for byte", RunData.Open(spec.Data).ToText());
        File.Copy(train[0], test[0], overwrite: true);
        string text = RunData.Open(spec.Data).ToText();
        Assert.Contains("note: 1 image is in more than one set, byte for byte (such as ", text);
        Assert.Contains(Path.GetFileNameWithoutExtension(test[0]), text);
    }

    [Fact]
    public void ASetWithoutAnyLesionIsNoted()
    {
        foreach (string mask in Masks(Part.Test))
            ImageFile.Write(mask, new BinaryMask(32, 32));
        Assert.Contains("note: No mask of the test set shows a lesion.", RunData.Open(spec.Data).ToText());
    }

    [Fact]
    public void ASplitByImageSaysThatPatientsMayCrossOrDo()
    {
        DataSpec byImage = spec.Data with { Split = SplitKind.EightOneOne };
        Assert.DoesNotContain("patient may be", RunData.Open(spec.Data).ToText());
        RunData drawn = RunData.Open(byImage);
        Dataset unknown = drawn.Dataset with { Cases = [.. drawn.Dataset.Cases.Select(c => c with { Patient = null })] };
        Assert.StartsWith("No patient is known, so images of one patient may be in more than one set.", drawn.Split.PatientNote(unknown));
        Assert.Contains("note: Images of 1 patient are in more than one set", RunData.Open(byImage with { PatientPattern = "(.)" }).ToText());
        File.WriteAllText(folder["patients.csv"], $"Image,Patient\n{Path.GetFileName(Masks(Part.Train)[0])},7\n");
        Assert.Contains("note: 13 of 14 cases have no known patient and count as separate patients", RunData.Open(byImage with { Split = SplitKind.EightOneOneByPatient, PatientsFile = folder["patients.csv"] }).ToText());
    }

    private static void Paint(byte value, string[] masks)
    {
        foreach (string mask in masks)
        {
            byte[][] rows = [.. Enumerable.Range(0, 32).Select(row => Enumerable.Range(0, 32).Select(column => row < 9 && column < 9 ? value : (byte)0).ToArray())];
            TestPng.Write(mask, 32, 8, TestPng.Gray, rows);
        }
    }

    /// <summary>The message of a refusal, which training and the dry run share; nothing may stay of either.</summary>
    private string Refused<T>()
        where T : Exception
    {
        string message = Assert.Throws<T>(() => Store().GetOrTrain(spec, _ => Assert.Fail("it trains"))).Message;
        Assert.Equal(message, Assert.Throws<T>(() => Store().DryRun(spec)).Message);
        Assert.False(Directory.Exists(folder["runs"]));
        return message;
    }

    private RunStore Store() => new(folder["runs"], folder["results"]) { Note = notes.Add };

    private string[] Masks(Part part) => [.. Directory.GetFiles(Path.Combine(spec.Data.Set, $"{part}_Folder", "labelcol")).Order(StringComparer.Ordinal)];

    private void WriteReports(Func<string, int, string> name)
    {
        string sheet = Path.Combine(spec.Data.Set, "Train_Folder", "Train_text.xlsx");
        File.Delete(sheet);
        ReportSheet.Write(sheet, Masks(Part.Train).Select((mask, i) => (name(Path.GetFileName(mask), i), new LesionReport(false, 1, Zones.LeftUpper))));
    }
}
