using C2FVL.Data;
using C2FVL.Data.Phantoms;
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
        Assert.Contains("patients: 1 known", said);
        (code, said) = await ConsoleRun.Of(ReportCommand.Create(), folder["set"], "--lesion-label", "3", "--out", folder["sheets"]);
        Assert.Equal(0, code);
        Assert.Contains("2 reports, 2 unilateral", said);
    }

    [Fact]
    public async Task AFolderThatIsNotThereIsNamed()
    {
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["absent"]);
        Assert.Equal(1, code);
        Assert.Contains(folder["absent"], said);
    }
}
