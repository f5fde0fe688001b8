namespace C2FVL.Data;

/// <summary>Flips, turns and rotations of images and masks. Each gives a new picture and leaves the given one alone.</summary>
public static class PictureGeometry
{
    /// <summary>Left and right change places; same size.</summary>
    public static GrayImage MirrorLeftRight(this GrayImage image) => new(image.Width, image.Height, MirrorLeftRight(image.Pixels, image.Width));

    /// <inheritdoc cref="MirrorLeftRight(GrayImage)"/>
    public static BinaryMask MirrorLeftRight(this BinaryMask mask) => new(mask.Width, mask.Height, MirrorLeftRight(mask.Pixels, mask.Width));

    /// <summary>Upper and lower change places; same size.</summary>
    public static GrayImage FlipUpperLower(this GrayImage image) => new(image.Width, image.Height, FlipUpperLower(image.Pixels, image.Width));

    /// <inheritdoc cref="FlipUpperLower(GrayImage)"/>
    public static BinaryMask FlipUpperLower(this BinaryMask mask) => new(mask.Width, mask.Height, FlipUpperLower(mask.Pixels, mask.Width));

    /// <summary>Turned counter-clockwise by quarters (any integer; 4 is a full turn). An odd number swaps width and height.</summary>
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

    /// <summary>
    /// Rotated counter-clockwise about the picture's centre; same size. Each pixel is the linear mix of the four
    /// that surround its source, those outside the picture counting as 0.
    /// </summary>
    public static GrayImage Rotate(this GrayImage image, double degrees)
    {
        var rotated = new GrayImage(image.Width, image.Height);
        var sources = new RotationSources(image.Width, image.Height, degrees);
        for (int row = 0; row < image.Height; row++)
        {
            for (int column = 0; column < image.Width; column++)
            {
                (double y, double x) = sources.Of(row, column);
                int top = (int)Math.Floor(y), left = (int)Math.Floor(x);
                float down = (float)(y - top), along = (float)(x - left);
                float above = ((1 - along) * At(image, top, left)) + (along * At(image, top, left + 1));
                float below = ((1 - along) * At(image, top + 1, left)) + (along * At(image, top + 1, left + 1));
                rotated[row, column] = ((1 - down) * above) + (down * below);
            }
        }

        return rotated;
    }

    /// <summary>Rotated counter-clockwise about the picture's centre; same size, nearest pixel, outside is 0.</summary>
    public static BinaryMask Rotate(this BinaryMask mask, double degrees)
    {
        var rotated = new BinaryMask(mask.Width, mask.Height);
        var sources = new RotationSources(mask.Width, mask.Height, degrees);
        for (int row = 0; row < mask.Height; row++)
        {
            for (int column = 0; column < mask.Width; column++)
            {
                (double y, double x) = sources.Of(row, column);
                int sourceRow = (int)Math.Floor(y + 0.5), sourceColumn = (int)Math.Floor(x + 0.5);
                if ((uint)sourceRow < (uint)mask.Height && (uint)sourceColumn < (uint)mask.Width)
                    rotated[row, column] = mask[sourceRow, sourceColumn];
            }
        }

        return rotated;
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
            return (FlipUpperLower(MirrorLeftRight(pixels, width), width), width, height);

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

    /// <summary>Where in the unrotated picture each pixel of the rotated one comes from.</summary>
    private readonly struct RotationSources(int width, int height, double degrees)
    {
        private readonly double _sine = Math.Sin(degrees * Math.PI / 180);
        private readonly double _cosine = Math.Cos(degrees * Math.PI / 180);
        private readonly double _middleRow = (height - 1) / 2.0;
        private readonly double _middleColumn = (width - 1) / 2.0;

        public (double Row, double Column) Of(int row, int column)
        {
            // Rows run downwards, so a counter-clockwise turn of the picture reads its source clockwise.
            double y = row - _middleRow, x = column - _middleColumn;
            return (_middleRow + (_cosine * y) + (_sine * x), _middleColumn + (_cosine * x) - (_sine * y));
        }
    }
}
