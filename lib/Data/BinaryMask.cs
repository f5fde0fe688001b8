namespace C2FVL.Data;

/// <summary>A lesion mask, row-major: 1 inside a lesion, 0 elsewhere.</summary>
public sealed class BinaryMask
{
    public BinaryMask(int width, int height, byte[] pixels)
    {
        if (pixels.Length != width * height)
            throw new ArgumentException($"A {width} x {height} mask has {width * height} pixels, not {pixels.Length}.");
        this.Width = width;
        this.Height = height;
        this.Pixels = pixels;
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
    public int Area => this.Pixels.Sum(p => p);

    public bool this[int row, int column]
    {
        get => this.Pixels[(row * this.Width) + column] != 0;
        set => this.Pixels[(row * this.Width) + column] = value ? (byte)1 : (byte)0;
    }
}
