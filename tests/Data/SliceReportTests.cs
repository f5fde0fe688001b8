using C2FVL.Data;

namespace C2FVL.Tests.Data;

/// <summary>On 60 x 60 pictures: thirds of 20 rows, halves of 30 columns, and a speck is below 1.8 pixels.</summary>
public sealed class SliceReportTests
{
    [Fact]
    public void AnEmptyMaskIsNoInfection() =>
        Assert.Equal(new LesionReport(false, 0, Zones.None), Write(new BinaryMask(60, 60)));

    [Theory]
    [InlineData(0, 0, Zones.LeftUpper)]
    [InlineData(19, 29, Zones.LeftUpper)]
    [InlineData(20, 29, Zones.LeftMiddle)]
    [InlineData(40, 0, Zones.LeftLower)]
    [InlineData(0, 30, Zones.RightUpper)]
    [InlineData(39, 30, Zones.RightMiddle)]
    [InlineData(59, 59, Zones.RightLower)]
    public void ZonesAreCellsOfThePicture(int row, int column, Zones zone) =>
        Assert.Equal(new LesionReport(false, 1, zone), Write(Mask((row, column, row, column))));

    [Fact]
    public void ATenthOfAnAreaNamesAZoneAndLessDoesNot()
    {
        Assert.Equal(Zones.LeftUpper | Zones.LeftMiddle, Write(Mask((2, 5, 21, 5))).Zones);
        Assert.Equal(Zones.LeftUpper, Write(Mask((2, 5, 20, 5))).Zones);
    }

    [Fact]
    public void AnAreaOverTheWholePictureNamesAllZones() =>
        Assert.Equal(new LesionReport(true, 1, Zones.All), Write(Mask((0, 0, 59, 59))));

    [Fact]
    public void SpecksNeitherCountNorNameAZone() =>
        Assert.Equal(new LesionReport(false, 1, Zones.LeftUpper), Write(Mask((0, 0, 0, 1), (50, 50, 50, 50))));

    [Fact]
    public void OfNothingButSpecksTheLargestCounts()
    {
        var mask = new BinaryMask(200, 200); // a speck is below 20 pixels
        mask[10, 10] = true;
        mask[190, 190] = mask[190, 191] = true;
        Assert.Equal(new LesionReport(false, 1, Zones.RightLower), Write(mask));
    }

    [Fact]
    public void PixelsThatTouchAtACornerAreOneArea() =>
        Assert.Equal(1, Write(Mask((1, 1, 2, 2), (3, 3, 4, 4))).Areas);

    /// <summary>A mask of rectangles (top, left, bottom, right), their last row and column included.</summary>
    private static BinaryMask Mask(params (int Top, int Left, int Bottom, int Right)[] boxes)
    {
        var mask = new BinaryMask(60, 60);
        foreach (var box in boxes)
        {
            for (int row = box.Top; row <= box.Bottom; row++)
            {
                for (int column = box.Left; column <= box.Right; column++)
                    mask[row, column] = true;
            }
        }

        return mask;
    }

    private static LesionReport Write(BinaryMask mask) => MaskReporter.Write(mask, ImageKind.CT);
}
