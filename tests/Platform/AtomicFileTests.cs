using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Platform;

public sealed class AtomicFileTests
{
    [Fact]
    public void ItMakesTheFolderAndWritesTheText()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["a", "b.txt"], "text");
        Assert.Equal("text", File.ReadAllText(folder["a", "b.txt"]));
        Assert.Single(Directory.GetFiles(folder["a"]));
    }

    [Fact]
    public void AFailureLeavesTheFormerFileAndNoOther()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["b.txt"], "former");
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Write(folder["b.txt"], stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device.");
        }));
        Assert.Equal($"{folder["b.txt"]} could not be written: No space left on device. The previous file is unchanged.", error.Message);
        Assert.Equal("former", File.ReadAllText(folder["b.txt"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }
}
