using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

public sealed class RunDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ReportsAreWrittenFromTheMasksWhereTheSpecSaysSo()
    {
        Write("a", "train", 1, 1);
        Write("b", "test", 17, 17);
        File.WriteAllText(folder["reports.csv"], "Image,Description\na.png,\"Unilateral pulmonary infection, nine infected areas, all left lung.\"\n");
        var spec = new DataSpec { Set = folder.Path };

        Assert.Equal([9, null], RunData.Open(spec).Dataset.Cases.Select(c => c.Report?.Areas));
        Assert.Equal(
            [new LesionReport(false, 1, Zones.LeftUpper), new LesionReport(false, 1, Zones.RightLower)],
            RunData.Open(spec with { ReportsFromMasks = true }).Dataset.Cases.Select(c => c.Report));
    }

    [Fact]
    public void AMaskThatCannotBeReadIsNamed()
    {
        Write("a", "train", 1, 1);
        File.WriteAllText(folder["train", "mask", "a.png"], "no picture");

        var error = Assert.Throws<InvalidDataException>(() => RunData.Open(new DataSpec { Set = folder.Path, ReportsFromMasks = true }));
        Assert.StartsWith(folder["train", "mask", "a.png"], error.Message);
    }

    /// <summary>A CT slice, 20 x 20, with a lesion of one pixel.</summary>
    private void Write(string name, string part, int row, int column)
    {
        var mask = new BinaryMask(20, 20);
        mask[row, column] = true;
        ImageFile.Write(folder[part, "img", name + ".png"], new GrayImage(20, 20));
        ImageFile.Write(folder[part, "mask", name + ".png"], mask);
    }
}
