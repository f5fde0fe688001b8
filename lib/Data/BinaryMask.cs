namespace C2FVL.Data;

/// <summary>A lesion mask, row-major: 1 inside a lesion, 0 elsewhere.</summary>
public sealed class BinaryMask(int width, int height, byte[] pixels)
    : Picture<BinaryMask, byte>(width, height, pixels, "mask")
{
    public BinaryMask(int width, int height) : this(width, height, new byte[width * height])
    {
    }

    /// <summary>The number of lesion pixels.</summary>
    public int Area => Pixels.Sum(p => p);

    /// <summary>The share of the image that lesion covers, 0 to 1.</summary>
    internal double Share => Area / ((double)Width * Height);

    /// <summary>The mask as an image: white inside a lesion, black elsewhere.</summary>
    internal GrayImage ToImage() => new(Width, Height, Array.ConvertAll(Pixels, p => (float)p));

    public bool this[int row, int column]
    {
        get => Pixels[(row * Width) + column] != 0;
        set => Pixels[(row * Width) + column] = value ? (byte)1 : (byte)0;
    }

    private protected override BinaryMask With(int width, int height, byte[] pixels) => new(width, height, pixels);

    internal override byte Between(double row, double column, byte outside)
    {
        int r = (int)Math.Floor(row + 0.5), c = (int)Math.Floor(column + 0.5);
        return (uint)r < (uint)Height && (uint)c < (uint)Width ? Pixels[(r * Width) + c] : outside;
    }

    /// <summary>
    /// The 8-connected components, each as its pixels' indices, in the order in which a row-major scan meets them.
    /// </summary>
    internal IReadOnlyList<int[]> Components()
    {
        var found = new List<int[]>();
        var left = (byte[])Pixels.Clone(); // lesion that is not yet in a component
        var open = new Stack<int>();
        for (int start = 0; start < left.Length; start++)
        {
            Open(start);
            if (open.Count == 0)
                continue;
            var pixels = new List<int>();
            while (open.TryPop(out int pixel))
            {
                pixels.Add(pixel);
                int row = pixel / Width, column = pixel % Width;
                for (int r = Math.Max(0, row - 1); r <= Math.Min(Height - 1, row + 1); r++)
                {
                    for (int c = Math.Max(0, column - 1); c <= Math.Min(Width - 1, column + 1); c++)
                        Open((r * Width) + c);
                }
            }

            found.Add([.. pixels]);
        }

        return found;

        void Open(int pixel)
        {
            if (left[pixel] != 0)
                open.Push(pixel);
            left[pixel] = 0;
        }
    }
}
