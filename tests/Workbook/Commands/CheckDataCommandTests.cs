using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Phantoms;
using C2FVL.Tests.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class CheckDataCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task AWholeSetEndsWith0AndACutPictureIsNamedWithItsCureAndEndsWith1()
    {
        string set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 4, Val = 2, Test = 2 });
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), set);
        Assert.Equal(0, code);
        Assert.Contains("cases: 8", said);

        string picture = Directory.EnumerateFiles(set, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(picture, File.ReadAllBytes(picture)[..40]);
        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), set);
        Assert.Equal(1, code);
        Assert.Contains(Path.GetFileName(picture), said);
    }

    [Fact]
    public async Task ATemporaryFolderThatIsNotThereIsNamedAsTheCause()
    {
        string set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 4, Val = 2, Test = 2 });
        var start = new ProcessStartInfo("dotnet", [Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll"), "check-data", set])
        {
            RedirectStandardOutput = true,
        };
        foreach (string variable in new[] { "TMPDIR", "TMP", "TEMP" })
            start.Environment[variable] = folder["nowhere"];
        using Process check = Process.Start(start)!;
        string said = await check.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await check.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"cannot be read, because there is no folder {folder["nowhere"]}", said);
        Assert.Contains("Set TMPDIR", said);
        Assert.DoesNotContain("Save it again", said);
        Assert.Equal(1, check.ExitCode);
    }

    [Fact]
    public async Task ImagesWithoutAFolderOfMasksAreCountedAndNamedWithLayout()
    {
        Directory.CreateDirectory(folder["set", "images"]);
        ImageFile.Write(folder["set", "images", "a.png"], new GrayImage(8, 8));
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"]);
        Assert.Equal(0, code);
        Assert.Contains($"images without masks, not used: 1 ({Path.Combine("images", "a.png")})", said);
        Assert.Contains("layout: images and masks", said);
    }

    [Fact]
    public async Task MasksOfDifferentLabelsAreAnErrorAndSoftEdgesAreNotedAsInTrain()
    {
        byte[] Masks(byte edge, byte lesion) => [.. Enumerable.Range(0, 64).Select(i => i % 8 is > 2 and < 6 && i / 8 is > 2 and < 6 ? i % 8 == 3 ? edge : lesion : (byte)0)];
        foreach ((string name, byte[] mask) in new[] { ("a", Masks(1, 1)), ("b", Masks(2, 2)), ("c", Masks(1, 1)) })
        {
            Directory.CreateDirectory(folder["set", "images"]);
            Directory.CreateDirectory(folder["set", "masks"]);
            ImageFile.Write(folder["set", "images", name + ".png"], new GrayImage(8, 8));
            TestPng.Write(folder["set", "masks", name + ".png"], 8, 8, TestPng.Gray, [.. mask.Chunk(8)]);
        }

        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"]);
        Assert.Equal(1, code);
        Assert.Contains("the masks contain different labels: 1 in 2 masks", said);

        foreach (string name in "abc".Select(c => $"{c}.png"))
            TestPng.Write(folder["set", "masks", name], 8, 8, TestPng.Gray, [.. Masks(100, 255).Chunk(8)]);
        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"]);
        Assert.Equal(0, code);
        Assert.Contains($"note: 3 masks (such as {folder["set", "masks", "a.png"]}) have values between 0 and the highest.", said);
        RunData opened = RunData.Open(new DataSpec { Set = folder["set"], Split = SplitKind.EightOneOne }, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("note: 3 masks (such as ", opened.ToText());
    }

    [Fact]
    public async Task ALesionLabelAndPatientsAreToldAsToTrain()
    {
        byte[][] labels = [[1, 1, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]];
        foreach (string name in new[] { "p1_a", "p1_b" })
        {
            Directory.CreateDirectory(folder["set", "images"]);
            Directory.CreateDirectory(folder["set", "masks"]);
            ImageFile.Write(folder["set", "images", name + ".png"], new GrayImage(4, 4));
            TestPng.Write(folder["set", "masks", name + ".png"], 4, 8, TestPng.Gray, labels);
        }

        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"]);
        Assert.Equal(1, code);
        Assert.Contains("several labels", said);
        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"], "--lesion-label", "3", "--patient", "^(p\\d)", "--kind", "CT");
        Assert.Equal(0, code);
        Assert.Contains("kind: CT (as you said)", said);
        Assert.Contains("lesion share of image: mean 0.0625", said);
        Assert.Contains("patients: 1 identified", said);
        (code, said) = await ConsoleRun.Of(ReportCommand.Create(), folder["set"], "--lesion-label", "3", "--out", folder["sheets"]);
        Assert.Equal(0, code);
        Assert.Contains("2 reports, 2 unilateral", said);
    }

    [Fact]
    public async Task ItSaysKindNotesReportsAndWhatIsNotUsed()
    {
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), Path.GetDirectoryName(SharedData.Require("cases/nnunet/Dataset001_X/dataset.json"))!);
        Assert.Equal(0, code);
        Assert.Contains("\n  kind: X-ray (by the layout)\n", said);
        Assert.Contains("\n  cases: 10 (no set 10)\n", said);
        Assert.Contains("\n  images without masks, not used: 4 (", said);
        Assert.Contains("\n  folders not read: none\n", said);
        Assert.Contains("\n  reports: 0 of 10 reports understood\n", said);
        Assert.Contains("\nNotes: 1\n", said);
        Assert.Contains("case_010_0000.png", said);
    }

    [Fact]
    public async Task PatientsSplitLabelAndSheetAreThoseOfTheOptions()
    {
        for (int i = 0; i < 20; i++)
        {
            var mask = new BinaryMask(32, 32);
            mask[i, i] = true;
            ImageFile.Write(folder["set", "images", $"p{i / 2}_{i}.png"], new GrayImage(32, 32));
            ImageFile.Write(folder["set", "masks", $"p{i / 2}_{i}.png"], mask);
        }

        Assert.Equal(0, (await ConsoleRun.Of(ReportCommand.Create(), folder["set"], "--out", folder["sheets"], "--lesion-label", "255")).Code);
        string[] options = [folder["set"], "--patient", "^(p\\d+)_", "--reports", folder["sheets"], "--kind", "ct", "--split", "EightOneOneByPatient"];
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), options);
        Assert.Equal(0, code);
        Assert.Contains("kind: CT (as you said)", said);
        Assert.Contains("cases: 20 (Train 16, Val 2, Test 2)", said);
        Assert.Contains("reports: 20 of 20 reports understood", said);
        Assert.Contains("patients: 10 identified; 0 images have no patient ID", said);
        Assert.Contains("No known patient is in more than one set.", said);

        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"], "--split", "EightOneOne");
        Assert.Equal(0, code);
        Assert.Contains("note: No patient is known, so images of one patient may be in more than one set.", said);

        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["set"], "--lesion-label", "3");
        Assert.Equal(1, code);
        Assert.Contains("none of the 20 masks contains the lesion label 3", said);
        (code, said) = await ConsoleRun.Of(ReportCommand.Create(), folder["set"], "--out", folder["other"], "--lesion-label", "3");
        Assert.Equal(1, code);
        Assert.False(Directory.Exists(folder["other"]));
    }

    [Fact]
    public async Task AnEmptyPartIsAnError()
    {
        string set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 4, Val = 2, Test = 2 });
        foreach (string file in Directory.GetFiles(Path.Combine(set, "Val_Folder"), "*.png", SearchOption.AllDirectories))
            File.Delete(file);
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), set);
        Assert.Equal(1, code);
        Assert.Contains("cases: 6 (Train 4, Val 0, Test 2)", said);
        Assert.Contains("The set Val has no usable case.", said);

        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), set, "--split", "AsGiven");
        Assert.Equal(1, code);
        Assert.Contains("The set Val of the split", said);
    }

    [Fact]
    public async Task AFolderThatIsNotThereIsNamed()
    {
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["absent"]);
        Assert.Equal(1, code);
        Assert.Contains(folder["absent"], said);
    }
}
