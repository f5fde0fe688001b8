namespace C2FVL.Data;

/// <summary>
/// Flips, turns and rotations of images and masks. Each gives a new picture and leaves the given one alone.
/// </summary>
public static class PictureGeometry
{
    /// <summary>Left and right change places; same size.</summary>
    public static GrayImage MirrorLeftRight(this GrayImage image) =>
        new(image.Width, image.Height, MirrorLeftRight(image.Pixels, image.Width));

    /// <inheritdoc cref="MirrorLeftRight(GrayImage)"/>
    public static BinaryMask MirrorLeftRight(this BinaryMask mask) =>
        new(mask.Width, mask.Height, MirrorLeftRight(mask.Pixels, mask.Width));

    /// <summary>Upper and lower change places; same size.</summary>
    public static GrayImage FlipUpperLower(this GrayImage image) =>
        new(image.Width, image.Height, FlipUpperLower(image.Pixels, image.Width));

    /// <inheritdoc cref="FlipUpperLower(GrayImage)"/>
    public static BinaryMask FlipUpperLower(this BinaryMask mask) =>
        new(mask.Width, mask.Height, FlipUpperLower(mask.Pixels, mask.Width));

    /// <summary>
    /// Turned counter-clockwise by quarters (any integer; 4 is a full turn). An odd number swaps width and height.
    /// </summary>
    public static GrayImage TurnQuarters(this GrayImage image, int quarters)
    {
        (float[] pixels, int width, int height) = TurnQuarters(image.Pixels, image.Width, image.Height, quarters);
        return new GrayImage(width, height, pixels);
    }

    /// <inheritdoc cref="TurnQuarters(GrayImage, int)"/>
    public static BinaryMask TurnQuarters(this BinaryMask mask, int quarters)
    {
        (byte[] pixels, int width, int height) = TurnQuarters(mask.Pixels, mask.Width, mask.Height, quarters);
        return new BinaryMask(width, height, pixels);
    }

    /// <summary>Stood upright. The orientations from 5 on swap width and height.</summary>
    public static GrayImage Upright(this GrayImage image, ImageOrientation orientation) => orientation switch
    {
        ImageOrientation.Upright => image,
        _ when IsMirror(orientation) => image.MirrorLeftRight().TurnQuarters(Quarters(orientation)),
        _ => image.TurnQuarters(Quarters(orientation)),
    };

    /// <inheritdoc cref="Upright(GrayImage, ImageOrientation)"/>
    public static BinaryMask Upright(this BinaryMask mask, ImageOrientation orientation) => orientation switch
    {
        ImageOrientation.Upright => mask,
        _ when IsMirror(orientation) => mask.MirrorLeftRight().TurnQuarters(Quarters(orientation)),
        _ => mask.TurnQuarters(Quarters(orientation)),
    };

    /// <summary>Whether width and height change places.</summary>
    internal static bool SwapsSides(this ImageOrientation orientation) => orientation >= ImageOrientation.Transposed;

    private static bool IsMirror(ImageOrientation orientation) =>
        orientation is ImageOrientation.Mirrored or ImageOrientation.Flipped or ImageOrientation.Transposed
            or ImageOrientation.Transversed;

    /// <summary>The counter-clockwise quarters that follow the mirroring.</summary>
    private static int Quarters(ImageOrientation orientation) => orientation switch
    {
        ImageOrientation.HalfTurn or ImageOrientation.Flipped => 2,
        ImageOrientation.Transposed or ImageOrientation.QuarterCounterClockwise => 1,
        ImageOrientation.QuarterClockwise or ImageOrientation.Transversed => 3,
        _ => 0,
    };

    /// <summary>
    /// Rotated counter-clockwise about the picture's centre; same size. Each pixel is the linear mix of the four
    /// that surround its source, those outside the picture counting as 0.
    /// </summary>
    public static GrayImage Rotate(this GrayImage image, double degrees)
    {
        (int width, int height) = (image.Width, image.Height);
        var sources = new RotationSources(width, height, degrees);
        float[] from = image.Pixels, rotated = new float[from.Length];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                (double y, double x) = sources.Of(row, column);
                int top = (int)Math.Floor(y), left = (int)Math.Floor(x);
                float down = (float)(y - top), along = (float)(x - left);
                float topLeft, topRight, bottomLeft, bottomRight;
                if ((uint)top < (uint)(height - 1) && (uint)left < (uint)(width - 1))
                {
                    int at = (top * width) + left;
                    (topLeft, topRight, bottomLeft, bottomRight) = (
                        from[at], from[at + 1], from[at + width], from[at + width + 1]);
                }
                else
                {
                    (topLeft, topRight) = (At(image, top, left), At(image, top, left + 1));
                    (bottomLeft, bottomRight) = (At(image, top + 1, left), At(image, top + 1, left + 1));
                }

                float above = ((1 - along) * topLeft) + (along * topRight);
                float below = ((1 - along) * bottomLeft) + (along * bottomRight);
                rotated[(row * width) + column] = ((1 - down) * above) + (down * below);
            }
        }

        return new GrayImage(width, height, rotated);
    }

    /// <summary>Rotated counter-clockwise about the picture's centre; same size, nearest pixel, outside is 0.</summary>
    public static BinaryMask Rotate(this BinaryMask mask, double degrees)
    {
        (int width, int height) = (mask.Width, mask.Height);
        var sources = new RotationSources(width, height, degrees);
        byte[] from = mask.Pixels, rotated = new byte[from.Length];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                (double y, double x) = sources.Of(row, column);
                int sourceRow = (int)Math.Floor(y + 0.5), sourceColumn = (int)Math.Floor(x + 0.5);
                if ((uint)sourceRow < (uint)height && (uint)sourceColumn < (uint)width)
                    rotated[(row * width) + column] = from[(sourceRow * width) + sourceColumn];
            }
        }

        return new BinaryMask(width, height, rotated);
    }

    private static float At(GrayImage image, int row, int column) =>
        (uint)row < (uint)image.Height && (uint)column < (uint)image.Width ? image[row, column] : 0;

    private static T[] MirrorLeftRight<T>(T[] pixels, int width)
    {
        var mirrored = (T[])pixels.Clone();
        for (int start = 0; start < mirrored.Length; start += width)
            Array.Reverse(mirrored, start, width);
        return mirrored;
    }

    private static T[] FlipUpperLower<T>(T[] pixels, int width)
    {
        var flipped = new T[pixels.Length];
        for (int start = 0; start < pixels.Length; start += width)
            Array.Copy(pixels, start, flipped, pixels.Length - start - width, width);
        return flipped;
    }

    private static (T[] Pixels, int Width, int Height) TurnQuarters<T>(T[] pixels, int width, int height, int quarters)
    {
        quarters = ((quarters % 4) + 4) % 4;
        if (quarters == 0)
            return ((T[])pixels.Clone(), width, height);
        if (quarters == 2)
        {
            var upsideDown = (T[])pixels.Clone();
            Array.Reverse(upsideDown);
            return (upsideDown, width, height);
        }

        // A quarter counter-clockwise puts the last column on top; clockwise, the first one, read from below.
        var turned = new T[pixels.Length];
        for (int row = 0; row < width; row++)
        {
            for (int column = 0; column < height; column++)
            {
                turned[(row * height) + column] = quarters == 1
                    ? pixels[(column * width) + (width - 1 - row)]
                    : pixels[((height - 1 - column) * width) + row];
            }
        }

        return (turned, height, width);
    }

    /// <summary>
    /// Where in the unrotated picture each pixel of the rotated one comes from. Rows run downwards, so a
    /// counter-clockwise turn of the picture reads its source clockwise.
    /// </summary>
    private readonly struct RotationSources
    {
        // What depends on the row or on the column alone is computed once.
        private readonly double[] _rowOfRow, _columnOfRow, _rowOfColumn, _columnOfColumn;

        public RotationSources(int width, int height, double degrees)
        {
            double sine = Math.Sin(degrees * Math.PI / 180), cosine = Math.Cos(degrees * Math.PI / 180);
            double middleRow = (height - 1) / 2.0, middleColumn = (width - 1) / 2.0;
            _rowOfRow = [.. Enumerable.Range(0, height).Select(row => middleRow + (cosine * (row - middleRow)))];
            _columnOfRow = [.. Enumerable.Range(0, height).Select(row => sine * (row - middleRow))];
            _rowOfColumn = [.. Enumerable.Range(0, width).Select(column => sine * (column - middleColumn))];
            _columnOfColumn = [
                .. Enumerable.Range(0, width).Select(column => middleColumn + (cosine * (column - middleColumn)))];
        }

        public (double Row, double Column) Of(int row, int column) =>
            (_rowOfRow[row] + _rowOfColumn[column], _columnOfColumn[column] - _columnOfRow[row]);
    }
}
