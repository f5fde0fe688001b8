using C2FVL.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Figures;

public sealed class StoredPictureTests
{
    [Fact]
    public void TheFileStandsInTheHtmlAsItIs()
    {
        using var folder = new TemporaryFolder();
        foreach ((string kind, byte[] file) in new[] { ("png", Samples.Pictures.ToPng(1)), ("webp", Samples.Pictures.ToWebp()), ("jpeg", [0xff, 0xd8, 0xff, 0xe0]) })
        {
            File.WriteAllBytes(folder["a"], file);
            StoredPicture picture = StoredPicture.Read("Stored & shown", folder["a"]);
            Assert.Contains($"src=\"data:image/{kind};base64,{Convert.ToBase64String(file)}\"", picture.ToHtml());
            Assert.Contains("alt=\"Stored &amp; shown: the stored image a.\"", picture.ToHtml());
        }
    }

    [Fact]
    public void AFileThatIsNoPictureIsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.png"], "no picture");
        Assert.StartsWith($"{folder["a.png"]} is not a WebP, PNG or JPEG image.", Assert.Throws<InvalidDataException>(() => StoredPicture.Read("x", folder["a.png"])).Message);
    }

    [Fact]
    public void AGridIsSmallerAsAWebpThanAsAPng() => Assert.True(Samples.Pictures.ToWebp().Length < Samples.Pictures.ToPng(1).Length / 2);
}
