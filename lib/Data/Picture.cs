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

    /// <summary>Shape (Height, Width), row-major: grey values from 0 to 1, or 0 and 1 in a mask.</summary>
    public T[] Pixels { get; }

    /// <summary>Left and right change places; same size.</summary>
    public TSelf FlipHorizontal()
    {
        var mirrored = (T[])Pixels.Clone();
        for (int start = 0; start < mirrored.Length; start += Width)
            Array.Reverse(mirrored, start, Width);
        return With(Width, Height, mirrored);
    }

    /// <summary>Upper and lower change places; same size.</summary>
    public TSelf FlipVertical()
    {
        var flipped = new T[Pixels.Length];
        for (int start = 0; start < flipped.Length; start += Width)
            Array.Copy(Pixels, start, flipped, flipped.Length - start - Width, Width);
        return With(Width, Height, flipped);
    }

    /// <summary>
    /// Turned counter-clockwise by quarters (any integer; 4 is a full turn). An odd number swaps width and height.
    /// </summary>
    public TSelf Rotate90(int quarters)
    {
        quarters = ((quarters % 4) + 4) % 4;
        var turned = (T[])Pixels.Clone();
        if (quarters == 2)
            Array.Reverse(turned);
        if (quarters % 2 == 0)
            return With(Width, Height, turned);

        // A quarter counter-clockwise puts the last column on top; clockwise, the first one, read from below.
        for (int row = 0; row < Width; row++)
        {
            for (int column = 0; column < Height; column++)
                turned[(row * Height) + column] = quarters == 1 ? Pixels[(column * Width) + (Width - 1 - row)]
                    : Pixels[((Height - 1 - column) * Width) + row];
        }

        return With(Height, Width, turned);
    }

    /// <summary>Stood upright. The orientations from 5 on swap width and height.</summary>
    public TSelf Upright(ImageOrientation orientation)
    {
        var mirrored = orientation is ImageOrientation.Mirrored or ImageOrientation.Flipped
            or ImageOrientation.Transposed or ImageOrientation.Transversed ? FlipHorizontal() : (TSelf)this;
        int quarters = orientation switch
        {
            ImageOrientation.HalfTurn or ImageOrientation.Flipped => 2,
            ImageOrientation.Transposed or ImageOrientation.QuarterCounterClockwise => 1,
            ImageOrientation.QuarterClockwise or ImageOrientation.Transversed => 3,
            _ => 0,
        };
        return quarters == 0 ? mirrored : mirrored.Rotate90(quarters);
    }

    /// <summary>
    /// Rotated counter-clockwise about the image's centre; same size. In an image each pixel is the linear mix of the
    /// four that surround its source, in a mask the nearest one.
    /// </summary>
    /// <param name="degrees">The angle.</param>
    /// <param name="scale">How many pixels of the source a pixel spans: above 1 the content shrinks.</param>
    /// <param name="outside">The value of pixels outside the image.</param>
    public TSelf Rotate(double degrees, double scale = 1, T outside = default)
    {
        // Rows run downwards, so a counter-clockwise turn of the picture reads its source clockwise. What depends on
        // the row or on the column alone is computed once.
        double sine = Math.Sin(degrees * Math.PI / 180) * scale, cosine = Math.Cos(degrees * Math.PI / 180) * scale;
        double middleRow = (Height - 1) / 2.0, middleColumn = (Width - 1) / 2.0;
        double[] rowOfColumn = [.. Enumerable.Range(0, Width).Select(column => sine * (column - middleColumn))];
        double[] columnOfColumn = [
            .. Enumerable.Range(0, Width).Select(column => middleColumn + (cosine * (column - middleColumn)))];
        var rotated = new T[Pixels.Length];
        for (int row = 0; row < Height; row++)
        {
            double rowOfRow = middleRow + (cosine * (row - middleRow)), columnOfRow = sine * (row - middleRow);
            for (int column = 0; column < Width; column++)
                rotated[(row * Width) + column] =
                    Between(rowOfRow + rowOfColumn[column], columnOfColumn[column] - columnOfRow, outside);
        }

        return With(Width, Height, rotated);
    }

    /// <summary>An image of the same kind.</summary>
    private protected abstract TSelf With(int width, int height, T[] pixels);

    /// <summary>The value at a place between pixels, where those outside the image have a value too.</summary>
    private protected abstract T Between(double row, double column, T outside);
}
