using C2FVL.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Figures;

public sealed class StoredPictureTests
{
    [Fact]
    public void TheFileStandsInTheHtmlAsItIs()
    {
        using var folder = new TemporaryFolder();
        byte[] file = Samples.Pictures.ToWebp();
        File.WriteAllBytes(folder["a.webp"], file);

        string html = new StoredPicture("Stored & shown", folder["a.webp"]).ToHtml();

        Assert.Contains($"src=\"data:image/webp;base64,{Convert.ToBase64String(file)}\"", html);
        Assert.Contains("alt=\"Stored &amp; shown: the stored image a.webp.\"", html);
    }
}
