using System.Globalization;
using System.Numerics.Tensors;

namespace C2FVL.Data;

/// <summary>A grey image, row-major, values 0 (black) to 1 (white).</summary>
public sealed class GrayImage(int width, int height, float[] pixels)
    : Picture<GrayImage, float>(width, height, pixels, "image")
{
    public GrayImage(int width, int height) : this(width, height, new float[width * height])
    {
    }

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
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The image contains {Pixels[at]} at row {at / Width}, column {at % Width}. Give grey values from 0 "
                    + $"to 1."));
    }

    public float this[int row, int column]
    {
        get => Pixels[(row * Width) + column];
        set => Pixels[(row * Width) + column] = value;
    }

    private protected override GrayImage With(int width, int height, float[] pixels) => new(width, height, pixels);

    internal override float Between(double row, double column, float outside)
    {
        int top = (int)Math.Floor(row), left = (int)Math.Floor(column);
        float down = (float)(row - top), along = (float)(column - left);
        float above = ((1 - along) * At(top, left)) + (along * At(top, left + 1));
        float below = ((1 - along) * At(top + 1, left)) + (along * At(top + 1, left + 1));
        return ((1 - down) * above) + (down * below);

        float At(int r, int c) => (uint)r < (uint)Height && (uint)c < (uint)Width ? this[r, c] : outside;
    }
}
