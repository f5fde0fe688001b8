namespace C2FVL.Data.Phantoms;

/// <summary>The few soft shapes that phantoms are drawn with.</summary>
internal static class Brush
{
    /// <summary>0 well outside (depth below -soft), 1 well inside (depth above soft), 0.5 on the edge.</summary>
    public static float Cover(float depth, float soft)
    {
        float t = Math.Clamp((depth + soft) / (2 * soft), 0, 1);
        return t * t * (3 - (2 * t));
    }

    /// <summary>A bump: 1 at 0, 0 from -1 and from 1 on.</summary>
    public static float Bump(float t)
    {
        float s = 1 - (t * t);
        return s > 0 ? s * s : 0;
    }

    /// <summary>The smaller of two depths, with the corner where they meet rounded over a width.</summary>
    public static float RoundedMin(float a, float b, float width)
    {
        float h = Math.Max(width - Math.Abs(a - b), 0) / width;
        return Math.Min(a, b) - (h * h * width / 4);
    }

    /// <summary>How deep a point lies in a (super)ellipse round the origin, about in units of length; negative outside.</summary>
    public static float Ellipse(float x, float y, float radiusX, float radiusY, float power = 2)
    {
        float r = power == 2
            ? MathF.Sqrt((x / radiusX * x / radiusX) + (y / radiusY * y / radiusY))
            : MathF.Pow(MathF.Pow(Math.Abs(x / radiusX), power) + MathF.Pow(Math.Abs(y / radiusY), power), 1 / power);
        return (1 - r) * Math.Min(radiusX, radiusY);
    }

    /// <summary>Smooth noise, -1 to 1, whose blobs are about one unit wide.</summary>
    public static float Noise(int seed, float x, float y)
    {
        float fx = MathF.Floor(x), fy = MathF.Floor(y);
        int ix = (int)fx, iy = (int)fy;
        float tx = x - fx, ty = y - fy;
        tx = tx * tx * (3 - (2 * tx));
        ty = ty * ty * (3 - (2 * ty));
        float top = Lattice(seed, ix, iy) + (tx * (Lattice(seed, ix + 1, iy) - Lattice(seed, ix, iy)));
        float bottom = Lattice(seed, ix, iy + 1) + (tx * (Lattice(seed, ix + 1, iy + 1) - Lattice(seed, ix, iy + 1)));
        return top + (ty * (bottom - top));
    }

    /// <summary>A number from a normal distribution (Box and Muller).</summary>
    public static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());

    /// <summary>A number between two.</summary>
    public static float Between(this Random random, float low, float high) => low + ((high - low) * random.NextSingle());

    private static float Lattice(int seed, int x, int y)
    {
        uint h = ((uint)seed * 0x9E3779B1u) ^ ((uint)x * 0x85EBCA77u) ^ ((uint)y * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return ((h ^ (h >> 15)) / (float)uint.MaxValue * 2) - 1;
    }
}
