namespace C2FVL.Evaluation;

/// <summary>
/// The exact Euclidean distance from each pixel of a grid to the nearest marked pixel, in time linear in the pixels
/// (Meijster, Roerdink and Hesselink 2000, "A general algorithm for computing distance transforms in linear time").
/// </summary>
/// <remarks>Distances are kept squared, so they are whole numbers and exact.</remarks>
internal static class DistanceTransform
{
    /// <summary>The squared distance to the nearest marked pixel, from pixel centre to pixel centre.</summary>
    /// <param name="marked">Shape (height, width), row-major: the pixels that distances are taken to, at least one.</param>
    /// <param name="width">The grid's width.</param>
    /// <param name="height">The grid's height.</param>
    /// <returns>Shape (height, width), row-major.</returns>
    public static int[] Squared(ReadOnlySpan<bool> marked, int width, int height)
    {
        int[] vertical = Vertical(marked, width, height);
        var squared = new int[vertical.Length];
        var owners = new int[width];     // columns whose parabolas form the lower envelope, left to right
        var starts = new int[width];     // where each of them begins to be the lowest
        for (int row = 0; row < height; row++)
            Horizontal(vertical.AsSpan(row * width, width), squared.AsSpan(row * width, width), owners, starts);
        return squared;
    }

    /// <summary>The distance to the nearest marked pixel of the same column; width + height where the column has none.</summary>
    private static int[] Vertical(ReadOnlySpan<bool> marked, int width, int height)
    {
        int far = width + height;
        var distance = new int[marked.Length];
        for (int column = 0; column < width; column++)
            distance[column] = marked[column] ? 0 : far;
        for (int pixel = width; pixel < marked.Length; pixel++)
            distance[pixel] = marked[pixel] ? 0 : Math.Min(far, distance[pixel - width] + 1);
        for (int pixel = marked.Length - width - 1; pixel >= 0; pixel--)
            distance[pixel] = Math.Min(distance[pixel], distance[pixel + width] + 1);
        return distance;
    }

    /// <summary>
    /// For each column x of a row the least (x - i)^2 + vertical(i)^2 over the columns i: the lower envelope of parabolas.
    /// </summary>
    private static void Horizontal(ReadOnlySpan<int> vertical, Span<int> squared, int[] owners, int[] starts)
    {
        int last = 0;
        owners[0] = starts[0] = 0;
        for (int column = 1; column < vertical.Length; column++)
        {
            while (last >= 0 && At(vertical, starts[last], owners[last]) > At(vertical, starts[last], column))
                last--;
            if (last < 0)
            {
                last = 0;
                owners[0] = column; // it is the lowest from the row's start on
                starts[0] = 0;
                continue;
            }

            int start = 1 + Crossing(vertical, owners[last], column);
            if (start >= vertical.Length)
                continue;
            last++;
            owners[last] = column;
            starts[last] = start;
        }

        for (int column = vertical.Length - 1; column >= 0; column--)
        {
            squared[column] = At(vertical, column, owners[last]);
            if (column == starts[last])
                last--;
        }
    }

    private static int At(ReadOnlySpan<int> vertical, int column, int owner) =>
        ((column - owner) * (column - owner)) + (vertical[owner] * vertical[owner]);

    /// <summary>The last column at which the parabola of <paramref name="left"/> is not above that of <paramref name="right"/>.</summary>
    private static int Crossing(ReadOnlySpan<int> vertical, int left, int right) =>
        ((right * right) - (left * left) + (vertical[right] * vertical[right]) - (vertical[left] * vertical[left]))
        / (2 * (right - left));
}
