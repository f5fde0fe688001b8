using C2FVL.Data;

namespace C2FVL.Phantoms;

/// <summary>
/// A chest seen from the front. The heart lies to the image's right, where the patient's left is, and takes its
/// shadow out of that lung; the dome of the diaphragm stands higher on the other side, over the liver.
/// </summary>
internal sealed class XRayAnatomy(Random random) : Anatomy
{
    private const float ApexX = 0.15f;

    // Drawn in this order, which decides what a seed gives.
    private readonly float top = random.Between(-0.41f, -0.37f), wide = random.Between(0.36f, 0.42f);
    private readonly float medial = random.Between(0.066f, 0.082f), dome = random.Between(0.22f, 0.28f);
    private readonly float domeDrop = random.Between(0.01f, 0.035f), heartX = random.Between(0.055f, 0.08f);
    private readonly float heartWide = random.Between(0.165f, 0.205f), heartTall = random.Between(0.115f, 0.14f);
    private readonly float ribStart = random.Between(0.02f, 0.06f), ribGap = random.Between(0.074f, 0.086f);
    private readonly float ribSlope = random.Between(0.05f, 0.11f), fat = random.Between(-0.03f, 0.05f);
    private readonly float arms = random.Between(0.49f, 0.56f);
    private readonly int texture = random.Next();
    private readonly Vessels vessels = new(random, 0.10f, -0.03f, 0.11f, 0.008f, 5);

    public override float Softness => 0.42f;

    public override float LungDepth(int side, float x, float y)
    {
        float across = side * x;
        float t = (y - top) / (dome + 0.10f - top);
        if (t <= 0)
            return Math.Min(y - top, ApexX - Math.Abs(across - ApexX)) - 0.01f;

        float lateral = ApexX + ((wide - ApexX) * Arch(t * 1.15f));
        float hilum = 0.022f * Brush.Bump((y + 0.03f) / 0.10f);
        float mediastinal = ApexX - ((ApexX - medial) * Arch(t * 3)) + hilum;
        float depth = Brush.RoundedMin(lateral - across, across - mediastinal, 0.04f);
        depth = Brush.RoundedMin(depth, Diaphragm(side, across) - y, 0.03f);
        depth = Brush.RoundedMin(depth, -HeartDepth(x, y), 0.06f);
        depth = Brush.RoundedMin(depth, -AorticKnobDepth(x, y), 0.04f);
        return depth + (0.005f * Brush.Noise(texture, x * 11, y * 11)) - 0.003f;
    }

    public override float Density(float x, float y, float pixel, float opacity)
    {
        float soft = Math.Max(0.008f, 0.7f * pixel);
        float side = Math.Abs(x);
        int lung = x < 0 ? -1 : 1;
        float air = Brush.Cover(LungDepth(lung, x, y), Math.Max(0.012f, 0.8f * pixel));

        float shoulders = 0.11f + (0.42f * MathF.Sqrt(Brush.Cover(y - top + 0.01f, 0.14f)));
        float torso = wide + 0.075f + (fat * 0.5f) + (0.10f * Brush.Cover(-y - 0.22f, 0.12f))
            + (0.03f * Brush.Cover(y - 0.3f, 0.2f));
        float half = Math.Min(shoulders, torso);
        float body = Brush.Cover(half - side, Math.Max(0.012f, soft));
        float thickness = MathF.Sqrt(Math.Max(0, 1 - Square(side / (half + 0.04f))));
        float arm = y > -0.28f ? Brush.Cover(0.085f - Math.Abs(side - arms - (0.1f * y)), soft) : 0;

        float density = body * (0.34f + fat + (0.30f * thickness));
        density = Math.Max(density, arm * (0.36f + fat + (0.12f * Brush.Bump((side - arms - (0.1f * y)) / 0.03f))));

        float belly = Brush.Cover(y - Diaphragm(lung, side), 0.02f);
        density += body * ((0.10f * belly) + (0.15f * Brush.Bump(x / 0.13f) * Brush.Cover(y - top, 0.1f)));
        density += 0.09f * Brush.Cover(HeartDepth(x, y), 0.03f) * (1 - (0.6f * belly));
        density += body * Spine(x, y, soft);
        density -= 0.13f * Brush.Bump(x / 0.026f) * Brush.Cover(-y - 0.20f, 0.06f);
        density -= air * (0.37f - (0.10f * Brush.Cover(y - 0.1f, 0.35f)));
        density += air * ((0.085f * vessels.At(x, y, pixel))
            + (0.05f * Brush.Bump((side - 0.11f) / 0.08f) * Brush.Bump((y + 0.03f) / 0.14f)));
        density += Ribs(side, y, pixel) + Clavicle(side, y, pixel);
        density += 0.020f * Brush.Noise(texture, x * 9, y * 9) + (0.018f * Brush.Noise(texture + 1, x * 23, y * 23));
        return density + (air * opacity * 0.36f);
    }

    private static float Square(float v) => v * v;

    /// <summary>A quarter circle: steep from 0 up to 1 at t = 1, and flat from there.</summary>
    private static float Arch(float t) => MathF.Sqrt(1 - Square(1 - Math.Clamp(t, 0, 1)));

    /// <summary>The height of the diaphragm: a dome that falls off to the side.</summary>
    private float Diaphragm(int side, float across) =>
        dome + (side > 0 ? domeDrop : 0) + (across > 0.17f ? 2.2f : 0.6f) * Square(across - 0.17f);

    private float HeartDepth(float x, float y)
    {
        float dx = x - heartX, dy = y - (dome - 0.08f);
        return Brush.Ellipse((0.77f * dx) + (0.64f * dy), (0.77f * dy) - (0.64f * dx), heartWide, heartTall);
    }

    private float AorticKnobDepth(float x, float y) => Brush.Ellipse(x - 0.06f, y - top - 0.19f, 0.045f, 0.05f);

    private static float Spine(float x, float y, float soft)
    {
        float column = Brush.Cover(0.036f - Math.Abs(x), soft);
        return column * (0.05f + (0.035f * MathF.Cos(y * 2 * MathF.PI / 0.062f)));
    }

    /// <summary>
    /// Back ribs rise from the spine, arch and fall to the side; front ribs cross them, fainter and steeper.
    /// </summary>
    private float Ribs(float side, float y, float pixel)
    {
        float reach = side / (wide + 0.015f);
        if (reach > 1 || side < 0.03f)
            return 0;
        float half = MathF.Sqrt(Square(0.017f) + (0.25f * pixel * pixel));
        float fade = Brush.Cover(1 - reach, 0.04f) * Brush.Cover(side - 0.05f, 0.03f);
        float density = 0;
        for (int rib = 0; rib < 8; rib++)
        {
            float start = top + ribStart + (rib * ribGap);
            float back = y - start - (ribSlope * (1 + (0.12f * rib)) * ((2.6f * Square(reach)) - (1.3f * reach)));
            float band = Brush.Bump(back / half);
            density += fade * (0.085f * band * (1 - (0.35f * Brush.Bump(back / (0.6f * half)))));
            float front = y - start - 0.16f + (0.16f * reach) + (0.05f * Square(1 - reach));
            if (rib < 6 && reach > 0.3f)
                density += 0.036f * fade * Brush.Cover(reach - 0.42f, 0.12f) * Brush.Bump(front / (1.15f * half));
        }

        return density;
    }

    private float Clavicle(float side, float y, float pixel)
    {
        float half = MathF.Sqrt(Square(0.017f) + (0.25f * pixel * pixel));
        float reach = side / 0.40f;
        float height = y - (top + 0.085f - (0.10f * reach) + (0.03f * MathF.Sin(reach * 5)));
        return 0.075f * Brush.Bump(height / half) * Brush.Cover(side - 0.045f, 0.02f)
            * Brush.Cover(0.43f - side, 0.03f);
    }
}

/// <summary>
/// One patient's body. Points are in body coordinates: origin in the middle of the image, x to the image's right,
/// y down, one unit the side of the image. Sides are -1 (left in the image) and 1 (right).
/// </summary>
internal abstract class Anatomy
{
    /// <summary>How wide the rim of an opacity is, as a share of its field's threshold.</summary>
    public abstract float Softness { get; }

    /// <summary>
    /// How deep a point lies in the lung of a side; negative outside. Each lung keeps to its half of the image.
    /// </summary>
    public abstract float LungDepth(int side, float x, float y);

    /// <summary>What the detector sees at a point, about 0 (air) to 1 (bone).</summary>
    /// <param name="x">Body coordinate.</param>
    /// <param name="y">Body coordinate.</param>
    /// <param name="pixel">The side of a pixel: nothing is drawn sharper than that.</param>
    /// <param name="opacity">How much of an opacity lies there, 0 to 1.</param>
    public abstract float Density(float x, float y, float pixel, float opacity);

    /// <summary>The body of a patient.</summary>
    public static Anatomy Of(ImageKind kind, Random random) =>
        kind == ImageKind.CT ? new CtAnatomy(random) : new XRayAnatomy(random);
}
