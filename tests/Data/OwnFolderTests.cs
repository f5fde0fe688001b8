using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Checks;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Data;

/// <summary>A user's own folder: patients, splits, sheets, a lesion label, and things in it that are no ordinary files.</summary>
public sealed class OwnFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Set => folder["set"];

    [Fact]
    public void APatternGivesThePatients()
    {
        Draw("p01_s1", "p01_s2", "p02_s1", "stray");
        Dataset data = Read(new DatasetSettings { PatientPattern = @"^(p\d+)_" });
        Assert.Equal(["p01", "p01", "p02", null], data.Cases.Select(c => c.Patient));
        Assert.Contains("does not match 1 of 4 file names", Assert.Single(data.Notes).Problem);
        Assert.Contains("matches none of the 4 file names, such as p01_s1.png", Refused(new DatasetSettings { PatientPattern = "^(x)" }));
        Assert.Contains("has 0 groups but must have one", Refused(new DatasetSettings { PatientPattern = "^p" }));
        Assert.Contains("is not a .NET regular expression", Refused(new DatasetSettings { PatientPattern = "^(p" }));
    }

    [Fact]
    public void AListGivesThePatientsAndItsSlipsAreNamed()
    {
        Draw("a", "b", "c");
        File.WriteAllText(folder["who.csv"], "Image,Patient\na.png,anna\nb.png,anna\nx.png,eve\nc.png,\nb.png,eve\n");
        Dataset data = Read(new DatasetSettings { PatientsFile = folder["who.csv"] });
        Assert.Equal(["anna", "anna", null], data.Cases.Select(c => c.Patient));
        Assert.Equal([4, 5, 6], data.Faults.Select(fault => fault.Row));
        File.WriteAllText(folder["who.csv"], "Image,Person\na.png,anna\n");
        Assert.Contains("the columns Image and Patient are required", Refused(new DatasetSettings { PatientsFile = folder["who.csv"] }));
    }

    [Fact]
    public void ASplitByPatientNeedsPatientsAndOneByImageSaysWhatItRisks()
    {
        Draw([.. Enumerable.Range(0, 20).Select(i => $"p{i / 5}_s{i % 5}")]);
        DataSpec byPatient = Spec() with { Split = SplitKind.EightOneOneByPatient };
        string message = Assert.Throws<InvalidDataException>(() => Open(byPatient)).Message;
        Assert.Contains("--patient 'PATTERN'", message);
        Assert.Contains("--split EightOneOne", message);

        Assert.Contains("No patient is known, so images of one patient may be in more than one set.", Open(Spec() with { Split = SplitKind.EightOneOne }).ToText());
        Assert.Contains("Images of ", Open(Spec() with { Split = SplitKind.EightOneOne, PatientPattern = "^(p\\d)" }).ToText());

        RunData apart = Open(byPatient with { PatientPattern = "^(p\\d)" });
        Assert.DoesNotContain("note:", apart.ToText());
        Assert.Empty(DatasetCheck.Run(apart.Dataset, apart.Split, cancellation: TestContext.Current.CancellationToken).Leaks.CrossingPatients);
    }

    [Fact]
    public void TheUsersOwnSplitIsTakenAsItIs()
    {
        Draw("a", "b", "c");
        new Split("mine", ["c"], ["a"], ["b"]).Save(folder["mine.json"]);
        RunData data = Open(Spec() with { SplitFile = folder["mine.json"] });
        Assert.Equal(("mine", "c", "a", "b"), (data.Split.Name, data.Split.Train[0], data.Split.Val[0], data.Split.Test[0]));

        new Split("mine", ["c"], ["a"], ["z"]).Save(folder["mine.json"]);
        string message = Assert.Throws<InvalidDataException>(() => Open(Spec() with { SplitFile = folder["mine.json"] })).Message;
        Assert.StartsWith(folder["mine.json"], message);
        Assert.Contains("z", message);
    }

    [Fact]
    public void SheetsThatReportWroteElsewhereAreReadAgain()
    {
        Draw("a", "b", "c");
        Dataset set = Read();
        Assert.DoesNotContain(set.Cases, c => c.Report is not null);
        SheetsFromMasks.Write(set, folder["sheets"]);
        IEnumerable<LesionReport?> written = MaskReporter.WriteAll(set).Cases.Select(c => c.Report);
        foreach (string given in new[] { folder["sheets"], folder["sheets", "text.xlsx"] })
        {
            Dataset again = Read(new DatasetSettings { Reports = given });
            Assert.Empty(again.Faults);
            Assert.Equal("3 of 3 reports understood", again.ReportsToText());
            Assert.Equal(written, again.Cases.Select(c => c.Report));
        }
    }

    [Fact]
    public void SheetsInThePatientsSidesAreExchangedAndThatIsOtherData()
    {
        Draw("a", "b", "c");
        File.WriteAllText(folder["set", "text.csv"], "Image,Description\n" + string.Concat("abc".Select(name => $"{name}.png,\"Unilateral pulmonary infection, one infected area, lower left lung.\"\n")));
        DataSpec image = Spec() with { Split = SplitKind.EightOneOne }, patient = image with { PatientSides = true };

        Assert.All(Open(image).Dataset.Cases, c => Assert.Equal(Zones.LeftLower, c.Report!.Zones));
        Assert.All(Open(patient).Dataset.Cases, c => Assert.Equal(Zones.RightLower, c.Report!.Zones));
        Assert.Equal("3 reports", Open(patient).Gate.Digest.DifferenceFrom(Open(image).Gate.Digest));
        Assert.Contains("Its sides are read as the patient's", Open(patient).ToText());
        Assert.DoesNotContain("patient's", Open(image).ToText());

        RunSpec run = Presets.For(Scale.Phantom) with { Data = patient };
        Assert.NotEqual((run with { Data = image }).Name, run.Name);
        Assert.Equal(run, RunSpec.FromJson(run.ToJson(), "the test"));
        Assert.Contains("Leave one of them out", Assert.Throws<ArgumentException>(() => Open(patient with { ReportsFromMasks = true })).Message);
    }

    [Theory]
    [InlineData("text.xls")]
    [InlineData("text.ODS")]
    [InlineData("text.tsv")]
    public void ASheetOfAnotherKindIsNamed(string name)
    {
        Draw("a", "b", "c");
        File.WriteAllText(folder["set", name], "Image\tDescription\n");
        string said = Read().ReportsToText();
        Assert.Contains($"{folder["set", name]}: This type of sheet is not supported. Save it as .xlsx or .csv.", said);
    }

    [Fact]
    public void MasksAmongTheImagesOfAFolderAreAnErrorThatNamesTheFolder()
    {
        ImageFile.Write(folder["set", "images", "a.png"], new GrayImage(4, 4));
        ImageFile.Write(folder["set", "images", "mask_a.png"], new BinaryMask(4, 4));
        DataFault told = Assert.Single(Read().Faults);
        Assert.Equal("1 file of this folder is named like a mask.", told.Problem);
        Assert.StartsWith($"Name the folder itself, {folder["set", "images"]},", told.Cure);
        Assert.Single(DatasetReader.Read(folder["set", "images"]).Cases);
    }

    [Fact]
    public void MasksThatMarkNearlyTheWholeImageAreNoted()
    {
        Draw("a", "b", "c");
        Assert.DoesNotContain("Swap their values", Open(Spec() with { Split = SplitKind.EightOneOne }).ToText());
        var mask = new BinaryMask(32, 32, [.. Enumerable.Repeat((byte)1, 1000), .. new byte[24]]);
        ImageFile.Write(folder["set", "masks", "b.png"], mask);
        string note = $"1 mask (such as {folder["set", "masks", "b.png"]}) marks more than 80 % of the image as lesion.";
        Assert.Contains(note, Open(Spec() with { Split = SplitKind.EightOneOne }).ToText());
        DatasetCheckResult check = DatasetCheck.Run(Read(), cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(note, check.ToText());
    }

    [Fact]
    public void SheetsOfPartsThatShareNamesAreReadAgain()
    {
        foreach ((string part, int row) in new[] { ("train", 2), ("test", 20) })
            DrawIn(folder["set", part], row, "1", "2");
        Dataset set = Read();
        SheetsFromMasks.Write(set, folder["sheets"]);
        Dataset again = Read(new DatasetSettings { Reports = folder["sheets"] });
        Assert.Empty(again.Faults);
        Assert.Equal(MaskReporter.WriteAll(set).Cases.Select(c => c.Report), again.Cases.Select(c => c.Report));
    }

    [Fact]
    public void ALesionLabelThatNoMaskHasIsAnError()
    {
        Draw("a", "b", "c", "d");
        DataSpec wrong = Spec() with { Split = SplitKind.EightOneOne, LesionLabel = 3 };
        string problem = "none of the 4 masks contains the lesion label 3, so every case would count as healthy.";
        Dataset data = Read(new DatasetSettings { LesionLabel = 3 });
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Open(wrong)).Message);
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => SheetsFromMasks.Write(data, folder["sheets"])).Message);
        Assert.Contains(problem, Assert.Single(DatasetCheck.Run(data, cancellation: TestContext.Current.CancellationToken).Faults).ToString());
        Assert.False(Directory.Exists(folder["sheets"]));
    }

    [Fact]
    public void ALesionLabelAndTheWayUpAreOtherData()
    {
        Draw("a", "b", "c");
        Dataset set = Read();
        var split = new Split("mine", ["a"], ["b"], ["c"]);
        DataDigest plain = Digest(set);
        DataDigest label = Digest(set with { Cases = [.. set.Cases.Select(c => c with { LesionLabel = 255 })] });
        DataDigest turned = Digest(set with { Cases = [.. set.Cases.Select(c => c with { Orientation = ImageOrientation.Transposed })] });
        Assert.Equal("3 masks", label.DifferenceFrom(plain));
        Assert.Equal("3 images, 3 masks", turned.DifferenceFrom(plain));
        Assert.Equal(plain.Value, Digest(Read()).Value);
        turned.Save(folder["digest.tsv"]);
        Assert.Equal(turned.Value, DataDigest.Load(folder["digest.tsv"]).Value);

        DataDigest Digest(Dataset data) => DataGate.Check(data, split, cancellation: TestContext.Current.CancellationToken).Digest;
    }

    [Fact]
    public async Task ANamedPipeIsRefusedAndNotWaitedFor()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "named pipes in folders are Unix's");
        Draw("a", "b", "c");
        string pipe = folder["set", "images", "b.png"];
        File.Delete(pipe);
        using (Process made = Process.Start("mkfifo", pipe))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        Task<string> said = Task.Run(() => Assert.Throws<InvalidDataException>(() => Open(Spec() with { Split = SplitKind.EightOneOne })).Message, TestContext.Current.CancellationToken);
        Assert.StartsWith($"{pipe}: The file is empty.", await said.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
        Assert.Contains("A named pipe or device is not read.", await said);
    }

    [Fact]
    public void EmptyImagesAndMasksAreNamed()
    {
        Draw("a", "b", "c");
        File.WriteAllBytes(folder["set", "images", "a.png"], []);
        File.WriteAllBytes(folder["set", "masks", "b.png"], []);
        IReadOnlyList<DataFault> faults = DatasetCheck.Run(Read(), cancellation: TestContext.Current.CancellationToken).Faults;
        Assert.Equal([folder["set", "images", "a.png"], folder["set", "masks", "b.png"]], faults.Select(fault => fault.File));
        Assert.All(faults, fault => Assert.StartsWith("The file is empty.", fault.Problem));
    }

    [Fact]
    public async Task LinksInACircleEnd()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        Draw("a", "b");
        File.CreateSymbolicLink(folder["set", "images", "round"], Set);
        File.CreateSymbolicLink(folder["set", "self"], folder["set", "self"]);
        File.CreateSymbolicLink(folder["set", "images", "c.png"], folder["set", "images", "c.png"]);
        Task<Dataset> read = Task.Run(() => Read(), TestContext.Current.CancellationToken);
        Dataset data = await read.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal(2, data.Cases.Count);
        Assert.All(data.Faults, fault => Assert.StartsWith(Set, fault.File));
    }

    [Fact]
    public void AFolderThatMayNotBeReadIsNamed()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root reads all folders");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights");
        Draw("a", "b");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["set", "masks"], UnixFileMode.None);
        try
        {
            Assert.Contains("The folder cannot be read", Assert.Throws<InvalidDataException>(() => { Read(); }).Message);
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(folder["set", "masks"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void AFolderThatIsNotReadIsAnError()
    {
        Draw("a", "b");
        ImageFile.Write(folder["set", "more", "x.png"], new GrayImage(4, 4));
        Dataset data = Read();
        Assert.Equal([folder["set", "more"]], data.FoldersNotRead);
        Assert.Contains("This folder with 1 picture was not read", Assert.Single(data.Faults).Problem);
    }

    [Fact]
    public void NothingButImagesIsNoError()
    {
        ImageFile.Write(folder["set", "a.png"], new GrayImage(4, 4));
        Dataset data = Read();
        Assert.Empty(data.Faults);
        Assert.Empty(data.Cases);
        Assert.Equal([folder["set", "a.png"]], data.Unlabelled);
        RunSpec run = Presets.For(Scale.Phantom) with { Data = Spec() };
        Assert.Contains("there is no image with a mask", Assert.Throws<InvalidDataException>(() => Open(run.Data).Require(run)).Message);
    }

    private Dataset Read(DatasetSettings? settings = null) => DatasetReader.Read(Set, settings ?? new DatasetSettings());

    private string Refused(DatasetSettings settings) => Assert.Throws<InvalidDataException>(() => { Read(settings); }).Message;

    private DataSpec Spec() => new() { Set = Set };

    private RunData Open(DataSpec spec) => RunData.Open(spec, cancellation: TestContext.Current.CancellationToken);

    private void Draw(params string[] names) => DrawIn(Set, row: 10, names);

    /// <summary>Images of 32 x 32, each with a lesion of 4 x 4 in another column.</summary>
    private static void DrawIn(string place, int row, params string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            var mask = new BinaryMask(32, 32);
            for (int pixel = 0; pixel < 16; pixel++)
                mask[row + (pixel / 4), (5 * (i % 5)) + (pixel % 4)] = true;
            ImageFile.Write(Path.Combine(place, "images", names[i] + ".png"), new GrayImage(32, 32));
            ImageFile.Write(Path.Combine(place, "masks", names[i] + ".png"), mask);
        }
    }
}
