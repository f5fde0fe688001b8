namespace C2FVL.Data;

/// <summary>The 8-connected components of a mask.</summary>
internal static class Components
{
    /// <summary>Each component as its pixels' indices, in the order in which a row-major scan meets them.</summary>
    public static IReadOnlyList<int[]> Of(BinaryMask mask)
    {
        var found = new List<int[]>();
        var seen = new bool[mask.Pixels.Length];
        var open = new Stack<int>();
        for (int start = 0; start < seen.Length; start++)
        {
            if (seen[start] || mask.Pixels[start] == 0)
                continue;

            var pixels = new List<int>();
            seen[start] = true;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                pixels.Add(pixel);
                int row = pixel / mask.Width, column = pixel % mask.Width;
                for (int r = Math.Max(0, row - 1); r <= Math.Min(mask.Height - 1, row + 1); r++)
                {
                    for (int c = Math.Max(0, column - 1); c <= Math.Min(mask.Width - 1, column + 1); c++)
                    {
                        int neighbour = (r * mask.Width) + c;
                        if (seen[neighbour] || mask.Pixels[neighbour] == 0)
                            continue;
                        seen[neighbour] = true;
                        open.Push(neighbour);
                    }
                }
            }

            found.Add([.. pixels]);
        }

        return found;
    }
}
