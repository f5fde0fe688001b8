namespace C2FVL.Data;

/// <summary>A lesion mask, row-major: 1 inside a lesion, 0 elsewhere.</summary>
public sealed class BinaryMask
{
    public BinaryMask(int width, int height, byte[] pixels)
    {
        if (pixels.Length != width * height)
            throw new ArgumentException($"A {width} x {height} mask has {width * height} pixels, not {pixels.Length}.");
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public BinaryMask(int width, int height)
        : this(width, height, new byte[width * height])
    {
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Shape (Height, Width), row-major, each 0 or 1.</summary>
    public byte[] Pixels { get; }

    /// <summary>The number of lesion pixels.</summary>
    public int Area => Pixels.Sum(p => p);

    public bool this[int row, int column]
    {
        get => Pixels[(row * Width) + column] != 0;
        set => Pixels[(row * Width) + column] = value ? (byte)1 : (byte)0;
    }
}

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
