using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class ReportCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ReportCommandTests()
    {
        foreach ((string name, int column) in new[] { ("a", 20), ("b", 150) })
        {
            var mask = new BinaryMask(224, 224);
            for (int pixel = 0; pixel < 40 * 40; pixel++)
                mask[130 + (pixel / 40), column + (pixel % 40)] = true;
            ImageFile.Write(folder["images", name + ".png"], new GrayImage(224, 224));
            ImageFile.Write(folder["masks", name + ".png"], mask);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task TheFolderIsReadWithItsReportsFromThenOn()
    {
        (int code, string said) = await Run(folder.Path);

        Assert.Equal(0, code);
        Assert.StartsWith($"{folder["text.xlsx"]}: 2 reports, 2 unilateral, 0 bilateral, 0 without lesion\n", said);
        Assert.Equal([Zones.LeftLower, Zones.RightLower], DatasetReader.Read(folder.Path).Cases.Select(c => c.Report!.Zones));
    }

    [Fact]
    public async Task ASecondTimeIsRefusedWithTheCure()
    {
        await Run(folder.Path);
        (int code, string said) = await Run(folder.Path);

        Assert.Equal(1, code);
        Assert.Contains("2 of the 2 cases already have reports", said);
        Assert.Equal(0, (await Run(folder.Path, "--out", folder["sheets"])).Code);
        Assert.True(File.Exists(folder["sheets", "text.xlsx"]));
    }

    [Fact]
    public async Task ComparingNeedsReportsAndWritesNone()
    {
        (int code, string said) = await Run(folder.Path, "--compare");
        Assert.Equal(1, code);
        Assert.Contains("there are no reports to compare with", said);

        await Run(folder.Path);
        (code, said) = await Run(folder.Path, "--compare");
        Assert.Equal(0, code);
        Assert.Contains("100.00", said);
    }

    [Fact]
    public async Task AFolderThatIsNotThereIsNamed()
    {
        (int code, string said) = await Run(folder["absent"]);
        Assert.Equal(1, code);
        Assert.Contains(folder["absent"], said);
    }

    private static Task<(int Code, string Said)> Run(params string[] arguments) => ConsoleRun.Of(ReportCommand.Create(), arguments);
}
