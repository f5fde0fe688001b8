namespace C2FVL.Data;

/// <summary>
/// The pixels of an image or mask, row-major, with the flips, turns and rotations that both have. Each gives a new
/// image and leaves this one alone.
/// </summary>
/// <typeparam name="TSelf">The image or the mask.</typeparam>
/// <typeparam name="T">The value of a pixel.</typeparam>
public abstract class Picture<TSelf, T> where TSelf : Picture<TSelf, T> where T : struct
{
    private protected Picture(int width, int height, T[] pixels, string what)
    {
        if (pixels.Length != width * height)
            throw new ArgumentException(
                $"A {width} x {height} {what} has {width * height} pixels, not {pixels.Length}.");
        (Width, Height, Pixels) = (width, height, pixels);
    }

    public int Width { get; }

    public int Height { get; }

    internal (int Width, int Height) Size => (Width, Height);

    /// <summary>Shape (Height, Width), row-major: grey values from 0 to 1, or 0 and 1 in a mask.</summary>
    public T[] Pixels { get; }

    /// <summary>Left and right change places; same size.</summary>
    public TSelf FlipHorizontal() => Moved(Width, Height, (row, column) => (row, Width - 1 - column));

    /// <summary>Upper and lower change places; same size.</summary>
    public TSelf FlipVertical() => Moved(Width, Height, (row, column) => (Height - 1 - row, column));

    /// <summary>
    /// Turned counter-clockwise by quarters (any integer; 4 is a full turn). An odd number swaps width and height.
    /// </summary>
    public TSelf Rotate90(int quarters) => (((quarters % 4) + 4) % 4) switch
    {
        1 => Moved(Height, Width, (row, column) => (column, Width - 1 - row)),
        2 => Moved(Width, Height, (row, column) => (Height - 1 - row, Width - 1 - column)),
        3 => Moved(Height, Width, (row, column) => (Height - 1 - column, row)),
        _ => Moved(Width, Height, (row, column) => (row, column)),
    };

    /// <summary>Stood upright. The orientations from 5 on swap width and height.</summary>
    public TSelf Upright(ImageOrientation orientation) => orientation switch
    {
        ImageOrientation.Mirrored => FlipHorizontal(),
        ImageOrientation.HalfTurn => Rotate90(2),
        ImageOrientation.Flipped => FlipVertical(),
        ImageOrientation.Transposed => FlipHorizontal().Rotate90(1),
        ImageOrientation.QuarterClockwise => Rotate90(3),
        ImageOrientation.Transversed => FlipHorizontal().Rotate90(3),
        ImageOrientation.QuarterCounterClockwise => Rotate90(1),
        _ => (TSelf)this,
    };

    /// <summary>
    /// Rotated counter-clockwise about the image's centre; same size. In an image each pixel is the linear mix of the
    /// four that surround its source, in a mask the nearest one.
    /// </summary>
    /// <param name="degrees">The angle.</param>
    /// <param name="scale">How many pixels of the source a pixel spans: above 1 the content shrinks.</param>
    /// <param name="outside">The value of pixels outside the image.</param>
    public TSelf Rotate(double degrees, double scale = 1, T outside = default)
    {
        // Rows run downwards, so a counter-clockwise turn of the picture reads its source clockwise.
        double sine = Math.Sin(degrees * Math.PI / 180) * scale, cosine = Math.Cos(degrees * Math.PI / 180) * scale;
        double middleRow = (Height - 1) / 2.0, middleColumn = (Width - 1) / 2.0;
        var rotated = new T[Pixels.Length];
        for (int i = 0; i < rotated.Length; i++)
        {
            double down = (i / Width) - middleRow, right = (i % Width) - middleColumn;
            rotated[i] = Between(middleRow + (cosine * down) + (sine * right),
                middleColumn + (cosine * right) - (sine * down), outside);
        }

        return With(Width, Height, rotated);
    }

    private TSelf Moved(int width, int height, Func<int, int, (int Row, int Column)> source)
    {
        var moved = new T[Pixels.Length];
        for (int i = 0; i < moved.Length; i++)
        {
            (int row, int column) = source(i / width, i % width);
            moved[i] = Pixels[(row * Width) + column];
        }

        return With(width, height, moved);
    }

    /// <summary>An image of the same kind.</summary>
    private protected abstract TSelf With(int width, int height, T[] pixels);

    /// <summary>The value at a place between pixels, where those outside the image have a value too.</summary>
    internal abstract T Between(double row, double column, T outside);
}
