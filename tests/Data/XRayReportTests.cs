using C2FVL.Data;
using CsCheck;

namespace C2FVL.Tests.Data;

public sealed class XRayReportTests
{
    [Fact]
    public void AnEmptyMaskIsNoInfection() =>
        Assert.Equal(new LesionReport(false, 0, Zones.None), Write(new BinaryMask(224, 224)));

    [Fact]
    public void ALesionLowOnThePicturesLeftIsLowerLeft() =>
        Assert.Equal(new LesionReport(false, 1, Zones.LeftLower), Write(Mask((120, 30, 165, 80))));

    [Fact]
    public void LesionsFromTopToBottomFillBothLungs() =>
        Assert.Equal(new LesionReport(true, 2, Zones.All), Write(Mask((25, 30, 180, 90), (25, 130, 180, 190))));

    [Fact]
    public void AnAreaAcrossTheMiddleBelongsToBothSidesFromAFifthOn()
    {
        (int areas, int[] left, int[] right) = MaskReporter.Lungs(Mask((100, 32, 109, 131))); // 80 columns left, 20 right
        Assert.Equal((1, 800, 200), (areas, left.Sum(), right.Sum()));

        (_, left, right) = MaskReporter.Lungs(Mask((100, 33, 109, 131))); // 79 left, 20 right
        Assert.Equal((790, 200), (left.Sum(), right.Sum()));

        (_, left, right) = MaskReporter.Lungs(Mask((100, 31, 109, 130))); // 81 left, 19 right
        Assert.Equal((1000, 0), (left.Sum(), right.Sum()));
    }

    [Fact]
    public void PixelsThatTouchAtACornerAreOneArea() =>
        Assert.Equal(1, Write(Mask((100, 30, 110, 40), (111, 41, 120, 50))).Areas);

    [Fact]
    public void EveryLungWithLesionsHasAZoneAndNoOtherHas() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[1, 12], Gen.Int[1, 12]).Array[1, 4].Sample(boxes =>
        {
            var mask = new BinaryMask(52, 52);
            foreach ((int top, int left, int height, int width) in boxes)
            {
                for (int row = top; row < top + height; row++)
                {
                    for (int column = left; column < left + width; column++)
                        mask[row, column] = true;
                }
            }

            LesionReport report = Write(mask);
            (int areas, int[] leftRows, int[] rightRows) = MaskReporter.Lungs(mask);
            Assert.Equal(mask.Area, leftRows.Sum() + rightRows.Sum());
            Assert.Equal(areas, report.Areas);
            Assert.Equal(leftRows.Sum() > 0, (report.Zones & Zones.Left) != 0);
            Assert.Equal(rightRows.Sum() > 0, (report.Zones & Zones.Right) != 0);
            Assert.Equal(leftRows.Sum() > 0 && rightRows.Sum() > 0, report.Bilateral);
        }, iter: 200);

    [Theory]
    [InlineData(448)]
    [InlineData(112)]
    public void TheSizeOfTheMaskDoesNotMatter(int size)
    {
        BinaryMask mask = Mask((120, 32, 167, 79), (40, 136, 175, 191));
        var resized = new BinaryMask(size, size);
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
                resized[row, column] = mask[row * 224 / size, column * 224 / size];
        }

        Assert.Equal(Write(mask), Write(resized));
    }

    /// <summary>A 224 x 224 mask of rectangles (top, left, bottom, right), their last row and column included.</summary>
    private static BinaryMask Mask(params (int Top, int Left, int Bottom, int Right)[] boxes)
    {
        var mask = new BinaryMask(224, 224);
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

    private static LesionReport Write(BinaryMask mask) => MaskReporter.Write(mask, ImageKind.XRay);
}
