using C2FVL.Data.Phantoms;
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
    public async Task AFolderThatIsNotThereIsNamed()
    {
        (int code, string said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["absent"]);
        Assert.Equal(1, code);
        Assert.Contains(folder["absent"], said);
    }
}
