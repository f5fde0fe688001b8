using C2FVL.Evaluation;
using C2FVL.Platform;
using TorchSharp;

namespace C2FVL.Tests.Evaluation;

public sealed class BoundaryDistancesTests
{
    [Fact]
    public void TwoPixelsAreAsFarApartAsTheirCentres()
    {
        bool[] one = new bool[100], other = new bool[100];
        one[(2 * 10) + 1] = other[(5 * 10) + 5] = true;
        Assert.Equal(new BoundaryDistances(5, 5), Measure(one, other, 10, 10)); // 3 rows and 4 columns
    }

    [Fact]
    public void EqualMasksHaveNoDistanceAndAShiftedSquareItsShift()
    {
        bool[] square = Square(20, 4, 4, 8), right = Square(20, 4, 7, 8);
        Assert.Equal(new BoundaryDistances(0, 0), Measure(square, square, 20, 20));

        // 28 boundary pixels each; 8 of them are 3 away, those of the far side, and their neighbours 2 and 1 each.
        BoundaryDistances shifted = Measure(square, right, 20, 20)!.Value;
        Assert.Equal(3, shifted.Hd95);
        Assert.InRange(shifted.Assd, 0.5, 3);
        Assert.Equal(shifted, Measure(right, square, 20, 20));
    }

    [Fact]
    public void InnerPixelsDoNotCountAndTheImagesEdgeIsABoundary()
    {
        // A frame has the outer boundary of the filled square, and its inner side one pixel further in.
        bool[] filled = Square(9, 2, 2, 5), frame = Square(9, 2, 2, 5);
        for (int row = 3; row < 6; row++)
        {
            for (int column = 3; column < 6; column++)
                frame[(row * 9) + column] = false;
        }

        Assert.Equal(new BoundaryDistances(0, 0), Measure(filled, frame, 9, 9));

        bool[] whole = [.. Enumerable.Repeat(true, 25)], middle = new bool[25];
        middle[12] = true;
        // The boundary of the whole image is its rim of 16 pixels: 4 at distance 2, 8 at sqrt 5, 4 at sqrt 8. Back it is 2.
        BoundaryDistances rim = Measure(whole, middle, 5, 5)!.Value;
        Assert.Equal(((4 * 2) + (8 * Math.Sqrt(5)) + (4 * Math.Sqrt(8)) + 2) / 17, rim.Assd, 12);
        Assert.Equal(Math.Sqrt(8), rim.Hd95, 12);
    }

    [Fact]
    public void TheLargerDirectionDecidesHd95AndEachPixelCountsOnceInAssd()
    {
        // The prediction has the lesion and one far pixel in ten: forward 18 zeros and 2 of 30, back all 0.
        const int Width = 60;
        bool[] truth = new bool[Width * 3], prediction = new bool[Width * 3];
        for (int column = 0; column < 18; column++)
            truth[Width + column] = prediction[Width + column] = true;
        prediction[Width + 47] = prediction[Width + 57] = true; // 30 and 40 from the lesion's end
        BoundaryDistances distances = Measure(prediction, truth, Width, 3)!.Value;

        // 20 distances in order: 18 zeros, 30, 40. The 95th percentile lies at place 18.05: 30 + 0.05 * 10.
        Assert.Equal(30.5, distances.Hd95, 12);
        Assert.Equal(70.0 / 38, distances.Assd, 12);
        Assert.Equal(distances, Measure(truth, prediction, Width, 3));
    }

    [Fact]
    public void WithoutBothMasksThereIsNoDistance()
    {
        bool[] empty = new bool[36], full = Square(6, 1, 1, 3);
        Assert.Null(Measure(empty, full, 6, 6));
        Assert.Null(Measure(full, empty, 6, 6));
        Assert.Null(Measure(empty, empty, 6, 6));
    }

    /// <summary>Boundaries of more pixels than are measured at once.</summary>
    [Fact]
    public void LongBoundariesAreMeasuredWhole()
    {
        bool[] stripes = [.. Enumerable.Range(0, 60 * 60).Select(i => i / 60 % 3 == 0)], one = new bool[60 * 60];
        one[^1] = true; // in the last row, 2 below the last stripe
        BoundaryDistances distances = Measure(stripes, one, 60, 60)!.Value;
        double[] forward = Nearest(Edge(stripes, 60, 60), [(59, 59)]);
        Assert.Equal(1200, forward.Length);
        Assert.Equal(Percentile(forward), distances.Hd95, 10);
        Assert.Equal((forward.Sum() + 2) / 1201, distances.Assd, 10);
    }

    [Fact]
    public void RandomMasksHaveTheDistancesOfTheDefinition()
    {
        for (int round = 0; round < 20; round++)
        {
            Random random = Seeds.Random(666, "boundary distances", round);
            (int width, int height) = (random.Next(8, 30), random.Next(8, 30));
            bool[] a = Blobs(width, height, random), b = Blobs(width, height, random);
            (int X, int Y)[] edgeA = Edge(a, width, height), edgeB = Edge(b, width, height);
            double[] forward = Nearest(edgeA, edgeB), back = Nearest(edgeB, edgeA);
            BoundaryDistances distances = Measure(a, b, width, height)!.Value;
            Assert.Equal(Math.Max(Percentile(forward), Percentile(back)), distances.Hd95, 10);
            Assert.Equal(forward.Concat(back).Average(), distances.Assd, 10);
        }
    }

    private static bool[] Square(int width, int top, int left, int side)
    {
        var mask = new bool[width * width];
        for (int row = top; row < top + side; row++)
            Array.Fill(mask, true, (row * width) + left, side);
        return mask;
    }

    /// <summary>Two random rectangles, which may touch the image's edge.</summary>
    private static bool[] Blobs(int width, int height, Random random)
    {
        var mask = new bool[width * height];
        for (int blob = 0; blob < 2; blob++)
        {
            (int left, int top) = (random.Next(width - 2), random.Next(height - 2));
            for (int row = top; row < Math.Min(height, top + random.Next(2, 9)); row++)
                Array.Fill(mask, true, (row * width) + left, Math.Min(width - left, random.Next(2, 9)));
        }

        return mask;
    }

    private static (int X, int Y)[] Edge(bool[] mask, int width, int height)
    {
        bool In(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && mask[(y * width) + x];
        return [.. from y in Enumerable.Range(0, height)
                   from x in Enumerable.Range(0, width)
                   where In(x, y) && !(In(x - 1, y) && In(x + 1, y) && In(x, y - 1) && In(x, y + 1))
                   select (x, y)];
    }

    private static double[] Nearest((int X, int Y)[] from, (int X, int Y)[] to) =>
        [.. from.Select(f => to.Min(t => Math.Sqrt(((f.X - t.X) * (f.X - t.X)) + ((f.Y - t.Y) * (f.Y - t.Y))))).Order()];

    private static double Percentile(double[] sorted)
    {
        double place = 0.95 * (sorted.Length - 1);
        int below = (int)place, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    private static BoundaryDistances? Measure(bool[] prediction, bool[] truth, int width, int height)
    {
        using torch.Tensor predicted = torch.tensor(prediction, [height, width]), actual = torch.tensor(truth, [height, width]);
        return BoundaryDistances.Of(predicted, actual);
    }
}
