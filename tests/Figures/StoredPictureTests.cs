using C2FVL.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Figures;

public sealed class StoredPictureTests
{
    [Fact]
    public void ItShowsTheStoredPixels()
    {
        using var folder = new TemporaryFolder();
        byte[] png = Samples.Pictures.ToPng(1);
        File.WriteAllBytes(folder["a.png"], png);
        StoredPicture picture = StoredPicture.Read("Stored", folder["a.png"]);
        Assert.Equal(Samples.Pictures.Size, picture.Size);
        Assert.Equal(png, picture.ToPng(1));
        Assert.Contains("<img alt=\"Stored.", picture.ToHtml());
        Assert.Contains("src=\"data:image/jpeg;base64,/9j/", picture.ToHtml());
        Assert.Equal([Path.Combine(folder.Path, "b.png")], picture.Save(folder.Path, "b"));
    }

    [Fact]
    public void AFileThatIsNoPictureIsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.png"], "no picture");
        Assert.StartsWith($"{folder["a.png"]} is no picture.", Assert.Throws<InvalidDataException>(() => StoredPicture.Read("x", folder["a.png"])).Message);
    }
}
