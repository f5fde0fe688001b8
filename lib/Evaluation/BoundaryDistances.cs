namespace C2FVL.Evaluation;

/// <summary>How far the boundaries of two masks are from each other, in pixels of the size that was scored.</summary>
/// <remarks>
/// <para>
/// A boundary pixel belongs to the mask and has a neighbour above, below, left or right that does not; what lies
/// outside the image does not belong to it. Each boundary pixel of one mask has its Euclidean distance to the nearest
/// boundary pixel of the other, from centre to centre. Both definitions are those of Metrics Reloaded (Maier-Hein et
/// al. 2024, Nature Methods 21, 195-212, with the formulas in its supplement).
/// </para>
/// <para>
/// Other programs differ. MedPy takes one percentile over the distances of both directions together, which is smaller
/// or equal, and its ASSD is the mean of the two directions' means. Compare our numbers with such numbers with care.
/// </para>
/// <para>A distance needs both masks: where the prediction or the truth is empty there is none, whatever the other
/// is.</para>
/// </remarks>
/// <param name="Hd95">
/// The 95th percentile of the Hausdorff distance: of each direction the 95th percentile of the distances (linear
/// between two of them, as NumPy's default), of the two directions the larger.
/// </param>
/// <param name="Assd">
/// The average symmetric surface distance: the mean of the distances of both directions, each boundary pixel counting
/// once.
/// </param>
public readonly record struct BoundaryDistances(double Hd95, double Assd)
{
    /// <summary>Measures two masks of one size.</summary>
    /// <param name="prediction">Shape (height, width), row-major: true inside the predicted lesion.</param>
    /// <param name="truth">The same for the mask.</param>
    /// <param name="width">Their width.</param>
    /// <param name="height">Their height.</param>
    /// <returns>The distances; null where one of the masks is empty.</returns>
    public static BoundaryDistances? Of(ReadOnlySpan<bool> prediction, ReadOnlySpan<bool> truth, int width, int height)
    {
        if (prediction.Length != width * height || truth.Length != width * height)
            throw new ArgumentException(
                $"The masks have {prediction.Length} and {truth.Length} pixels, not {width} x {height} each.");
        if (!prediction.Contains(true) || !truth.Contains(true))
            return null;

        bool[] predicted = Boundary(prediction, width, height), actual = Boundary(truth, width, height);
        double[] toTruth = From(predicted, actual, width, height);
        double[] toPrediction = From(actual, predicted, width, height);
        return new BoundaryDistances(
            Math.Max(PatientBootstrap.Quantile(toTruth, 0.95), PatientBootstrap.Quantile(toPrediction, 0.95)),
            (toTruth.Sum() + toPrediction.Sum()) / (toTruth.Length + toPrediction.Length));
    }

    private static bool[] Boundary(ReadOnlySpan<bool> mask, int width, int height)
    {
        var boundary = new bool[mask.Length];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int pixel = (row * width) + column;
                bool inside = row > 0 && row < height - 1 && column > 0 && column < width - 1
                    && mask[pixel - width] && mask[pixel + width] && mask[pixel - 1] && mask[pixel + 1];
                boundary[pixel] = mask[pixel] && !inside;
            }
        }

        return boundary;
    }

    /// <summary>The distance of each pixel of one boundary to the other boundary, from near to far.</summary>
    private static double[] From(bool[] one, bool[] other, int width, int height)
    {
        int[] inColumn = InColumn(other, width, height);
        var distances = new List<double>();
        for (int pixel = 0; pixel < one.Length; pixel++)
        {
            if (one[pixel])
                distances.Add(Math.Sqrt(Squared(inColumn, width, pixel)));
        }

        distances.Sort(); // the order of the sum decides its last bits
        return [.. distances];
    }

    /// <summary>
    /// The squared distance from a pixel to the nearest marked one, from centre to centre: of the columns the least
    /// (x - i)^2 + d(i)^2. It is a whole number and exact.
    /// </summary>
    /// <param name="inColumn">What <see cref="InColumn"/> gives.</param>
    /// <param name="width">The grid's width.</param>
    /// <param name="pixel">The pixel's place, row-major.</param>
    internal static int Squared(int[] inColumn, int width, int pixel)
    {
        int x = pixel % width, least = int.MaxValue;
        ReadOnlySpan<int> row = inColumn.AsSpan(pixel - x, width);
        for (int i = 0; i < row.Length; i++)
            least = Math.Min(least, ((x - i) * (x - i)) + (row[i] * row[i]));
        return least;
    }

    /// <summary>
    /// Each pixel's distance to the nearest marked pixel of the same column; width + height where the column has none.
    /// </summary>
    internal static int[] InColumn(ReadOnlySpan<bool> marked, int width, int height)
    {
        int far = width + height;
        var distance = new int[marked.Length];
        for (int pixel = 0; pixel < marked.Length; pixel++)
            distance[pixel] = marked[pixel] ? 0 : pixel < width ? far : Math.Min(far, distance[pixel - width] + 1);
        for (int pixel = marked.Length - width - 1; pixel >= 0; pixel--)
            distance[pixel] = Math.Min(distance[pixel], distance[pixel + width] + 1);
        return distance;
    }
}
