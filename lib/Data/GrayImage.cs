using System.Globalization;
using System.Numerics.Tensors;

namespace C2FVL.Data;

/// <summary>A grey picture, row-major, values 0 (black) to 1 (white).</summary>
public sealed class GrayImage
{
    public GrayImage(int width, int height, float[] pixels)
    {
        if (pixels.Length != width * height)
            throw new ArgumentException(
                $"A {width} x {height} image has {width * height} pixels, not {pixels.Length}.");
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public GrayImage(int width, int height)
        : this(width, height, new float[width * height])
    {
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Shape (Height, Width), row-major, 0 to 1.</summary>
    public float[] Pixels { get; }

    /// <summary>
    /// Refuses NaN and infinite values, which a network would turn into an empty mask without a word.
    /// </summary>
    /// <exception cref="InvalidDataException">There is one; the message says where.</exception>
    internal void RequireNumbers()
    {
        if (float.IsFinite(TensorPrimitives.Sum(Pixels)))
            return;
        int at = Array.FindIndex(Pixels, value => !float.IsFinite(value));
        if (at >= 0)
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The image holds {Pixels[at]} at row {at / Width}, column {at % Width}. Give grey values from "
                        + $"0 to 1."));
    }

    public float this[int row, int column]
    {
        get => Pixels[(row * Width) + column];
        set => Pixels[(row * Width) + column] = value;
    }
}
