using C2FVL.Data;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Data;

public sealed class SampleReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_case_comes_at_the_networks_size()
    {
        ImageFile.Write(folder["a.png"], new GrayImage(6, 3, [.. Enumerable.Repeat(1f, 18)]));
        var drawn = new BinaryMask(6, 3);
        drawn[0, 0] = drawn[0, 1] = drawn[0, 2] = true;
        ImageFile.Write(folder["m.png"], drawn);

        var report = new LesionReport(false, 1, Zones.LeftUpper);
        Sample sample = SampleReader.Read(new Case("a", folder["a.png"], folder["m.png"], report, null, ImageKind.XRay), 2);

        Assert.Equal([1f, 1f, 1f, 1f], sample.Image.Pixels);
        Assert.Equal([1, 0, 0, 0], sample.Mask.Pixels);
        Assert.Same(report, sample.Report);
    }

    [Fact]
    public void Without_a_mask_there_is_no_lesion()
    {
        ImageFile.Write(folder["a.png"], new GrayImage(4, 4));
        Assert.Equal(0, SampleReader.Read(new Case("a", folder["a.png"], null, null, null, ImageKind.XRay), 2).Mask.Area);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_naming_both()
    {
        ImageFile.Write(folder["a.png"], new GrayImage(4, 4));
        ImageFile.Write(folder["m.png"], new BinaryMask(4, 5));
        var item = new Case("a", folder["a.png"], folder["m.png"], null, null, ImageKind.XRay);
        Assert.Equal(
            $"{folder["m.png"]}: The mask is 4 x 5, but its image {folder["a.png"]} is 4 x 4. Give the mask that was drawn on this image, at the image's own size.",
            Assert.Throws<InvalidDataException>(() => SampleReader.Read(item, 2)).Message);
    }
}
