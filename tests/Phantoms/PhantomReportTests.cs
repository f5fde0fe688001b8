using C2FVL.Data;
using C2FVL.Phantoms;

namespace C2FVL.Tests.Phantoms;

public sealed class PhantomReportTests
{
    /// <summary>12 x 12; lungs in rows 0 to 11, so that each third has four rows.</summary>
    private static readonly BinaryMask Lungs = Mask((0, 1, 11, 4), (0, 7, 11, 10));

    [Fact]
    public void NoLesionIsNoInfection() =>
        Assert.Equal(new LesionReport(false, 0, Zones.None), PhantomDrawer.Report(Mask(), Lungs));

    [Fact]
    public void AnAreaNamesItsZone() =>
        Assert.Equal(new LesionReport(false, 1, Zones.RightMiddle), PhantomDrawer.Report(Mask((5, 8, 6, 9)), Lungs));

    [Fact]
    public void AQuarterOfAnAreaIsEnoughAndLessIsNot()
    {
        Assert.Equal(Zones.LeftUpper | Zones.LeftMiddle, PhantomDrawer.Report(Mask((1, 2, 4, 2)), Lungs).Zones);
        Assert.Equal(Zones.LeftUpper, PhantomDrawer.Report(Mask((0, 2, 4, 2)), Lungs).Zones);
    }

    [Fact]
    public void TwoSidesAreBilateralHoweverSmallOneIs() =>
        Assert.Equal(
            new LesionReport(true, 2, Zones.LeftLower | Zones.RightUpper),
            PhantomDrawer.Report(Mask((8, 1, 11, 4), (0, 10, 0, 10)), Lungs));

    [Fact]
    public void PixelsThatTouchAtACornerAreOneArea() =>
        Assert.Equal(1, PhantomDrawer.Report(Mask((1, 1, 1, 1), (2, 2, 2, 2)), Lungs).Areas);

    [Fact]
    public void ThirdsAreThoseOfTheLungsNotOfTheFrame()
    {
        BinaryMask low = Mask((6, 1, 11, 10));
        Assert.Equal(Zones.LeftUpper, PhantomDrawer.Report(Mask((6, 1, 7, 2)), low).Zones);
    }

    [Fact]
    public void WithoutLungsThereAreNoZones() =>
        Assert.StartsWith("The image has no lungs", Assert.Throws<ArgumentException>(() => PhantomDrawer.Report(Lungs, Mask())).Message);

    /// <summary>A mask of rectangles (top, left, bottom, right), their last row and column included.</summary>
    private static BinaryMask Mask(params (int Top, int Left, int Bottom, int Right)[] boxes)
    {
        var mask = new BinaryMask(12, 12);
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
}
