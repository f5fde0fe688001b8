using C2FVL.Data;

namespace C2FVL.Phantoms;

/// <summary>
/// A slice across the chest in a lung window, seen from the feet with the patient on the back: breast bone above,
/// spine below, heart a little to the image's right.
/// </summary>
internal sealed class CtAnatomy(Random random) : Anatomy
{
    // Drawn in this order, which decides what a seed gives.
    private readonly float lungX = random.Between(0.205f, 0.225f), lungY = random.Between(-0.02f, 0.01f);
    private readonly float lungWide = random.Between(0.165f, 0.19f), lungTall = random.Between(0.25f, 0.29f);
    private readonly float heartX = random.Between(0.025f, 0.06f), heartY = random.Between(-0.11f, -0.07f);
    private readonly float heartWide = random.Between(0.105f, 0.15f), heartTall = random.Between(0.13f, 0.18f);
    private readonly float fat = random.Between(0.015f, 0.04f), skin = random.Between(0.035f, 0.055f);
    private readonly float table = random.Between(0.035f, 0.06f), ribPhase = random.Between(0, 6.28f);
    private readonly float airway = random.Between(0.018f, 0.026f);
    private readonly int texture = random.Next();
    private readonly Vessels vessels = new(random, 0.085f, 0.03f, 0.095f, 0.0085f, 5);

    public override float Softness => 0.16f;

    public override float LungDepth(int side, float x, float y)
    {
        float across = side * x;
        float leaning = across - lungX - (0.10f * (y - lungY)); // the lungs come closer in front
        float depth = Brush.Ellipse(leaning, y - lungY, lungWide, lungTall, 2.15f);
        depth = Brush.RoundedMin(depth, -Brush.Ellipse(x - heartX, y - heartY, heartWide, heartTall), 0.02f);
        depth = Brush.RoundedMin(depth, -Brush.Ellipse(x, y - lungY - 0.21f, 0.085f, 0.13f), 0.02f);
        depth = Brush.RoundedMin(depth, across - 0.058f, 0.02f);
        return depth + (0.006f * Brush.Noise(texture, x * 10, y * 10)) - 0.003f;
    }

    public override float Density(float x, float y, float pixel, float opacity)
    {
        float soft = Math.Max(0.004f, 0.6f * pixel);
        float chest = Brush.Ellipse(x, y - lungY, lungX + lungWide + 0.035f, lungTall + 0.045f, 2.15f);
        float body = Brush.Ellipse(
            x, y - lungY - 0.01f, lungX + lungWide + 0.035f + skin, lungTall + 0.045f + skin, 2.25f);
        float air = Brush.Cover(LungDepth(x < 0 ? -1 : 1, x, y), soft);

        float density = 0.02f + (0.50f * Brush.Cover(body, soft));                                  // skin and fat
        density += 0.13f * Brush.Cover(chest + 0.02f, soft);                                         // muscle
        // fat behind the breast bone
        density -= 0.10f * Brush.Bump((y - lungY + lungTall) / 0.09f) * Brush.Bump(x / 0.10f);
        density += 0.03f * Brush.Cover(
            Brush.Ellipse(x - heartX, y - heartY, heartWide - fat, heartTall - fat), 2 * soft);
        density += 0.05f * Brush.Cover(Brush.Ellipse(x - 0.055f, y - lungY - 0.115f, 0.032f, 0.032f), soft); // aorta
        density = Mix(density, 0.96f, Bones(x, y, chest, soft));

        float lung = 0.10f + (0.02f * Brush.Noise(texture, x * 12, y * 12))
            + (0.05f * Brush.Cover(y - lungY, lungTall));
        lung = Mix(lung, 0.66f, vessels.At(x, y, pixel));
        float haze = opacity * (1 + (0.22f * Brush.Noise(texture + 1, x * 38, y * 38)));
        lung += Math.Max(0, 0.62f - lung) * haze * 0.62f;
        density = Mix(density, lung, air);

        density = Mix(density, 0.04f, Airways(x, y, soft));
        float couch = y - lungY - lungTall - 0.045f - skin - table + (0.28f * x * x);
        return density + (0.20f * Brush.Bump(couch / Math.Max(0.008f, pixel)) * (1 - Brush.Cover(body, soft)));
    }

    private static float Mix(float a, float b, float share) => a + ((b - a) * share);

    /// <summary>The vertebra with its processes, the breast bone and the ribs that the slice cuts.</summary>
    private float Bones(float x, float y, float chest, float soft)
    {
        float side = Math.Abs(x), down = y - lungY - 0.205f;
        float vertebra = Brush.Cover(Brush.Ellipse(x, down, 0.056f, 0.045f, 2.4f), soft);
        float arch = Brush.Cover(0.014f - Math.Abs(down - 0.065f - (0.25f * side)), soft)
            * Brush.Cover(0.10f - side, 0.02f);
        float process = Brush.Cover(0.013f - side, soft) * Brush.Cover(0.035f - Math.Abs(down - 0.105f), 0.015f);
        float canal = Brush.Cover(Brush.Ellipse(x, down - 0.062f, 0.021f, 0.017f), soft);
        float spine = Math.Max(
            vertebra * (0.55f + (0.35f * Brush.Cover(0.012f - Brush.Ellipse(x, down, 0.056f, 0.045f, 2.4f), soft))),
            Math.Max(arch, process)) * (1 - canal);

        float sternum = 0.8f * Brush.Cover(Brush.Ellipse(x, y - lungY + lungTall + 0.022f, 0.05f, 0.017f, 3), soft);
        float angle = MathF.Atan2(y - lungY, x);
        float rib = 0.85f * Brush.Cover(0.012f - Math.Abs(chest - 0.010f), soft)
            * Brush.Cover(MathF.Sin((9 * angle) + ribPhase) - 0.15f, 0.25f) * Brush.Cover(side - 0.12f, 0.02f);
        return Math.Max(spine, Math.Max(sternum, rib));
    }

    /// <summary>The two main bronchi.</summary>
    private float Airways(float x, float y, float soft) =>
        Brush.Cover(Brush.Ellipse(Math.Abs(x) - 0.034f, y - lungY - 0.055f, airway, airway * 0.85f), soft);
}
