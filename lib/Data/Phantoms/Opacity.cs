namespace C2FVL.Data.Phantoms;

/// <summary>
/// An irregular cloud in one lung: blurred ellipses summed and pulled about by noise. Its area is where the sum
/// exceeds a threshold; its look fades in round that edge.
/// </summary>
internal sealed class Opacity
{
    private const float Threshold = 0.5f;
    private readonly (float X, float Y, float RadiusX, float RadiusY, float Cos, float Sin)[] ellipses;
    private readonly float x, y, radius, strength;
    private readonly int warp;

    /// <summary>A cloud in body coordinates (see <see cref="Anatomy"/>).</summary>
    public Opacity(Random random, int side, float x, float y, float radius)
    {
        Side = side;
        this.x = x;
        this.y = y;
        this.radius = radius;
        warp = random.Next();
        strength = random.Between(0.9f, 1.15f);
        ellipses = new (float, float, float, float, float, float)[random.Next(3, 6)];
        for (int i = 0; i < ellipses.Length; i++)
        {
            float angle = random.Between(0, 6.28f), far = i == 0 ? 0 : radius * random.Between(0.3f, 0.75f), turn = random.Between(0, 3.14f);
            ellipses[i] = (far * MathF.Cos(angle), far * MathF.Sin(angle), radius * random.Between(0.5f, 0.85f),
                radius * random.Between(0.4f, 0.7f), MathF.Cos(turn), MathF.Sin(turn));
        }
    }

    /// <summary>-1 for the lung left in the picture, 1 for the right one.</summary>
    public int Side { get; }

    /// <summary>Whether a point lies in the area (of an endless lung).</summary>
    public bool Covers(float px, float py) => Field(px, py) > Threshold;

    /// <summary>How much is seen at a point: half its strength on the edge of the area.</summary>
    public float Look(float px, float py, float softness) => strength * Brush.Cover(Field(px, py) - Threshold, softness);

    private float Field(float px, float py)
    {
        float dx = px - x, dy = py - y;
        if ((dx * dx) + (dy * dy) > 5 * radius * radius)
            return 0;
        float grain = 1.3f / radius;
        float pullX = (0.18f * Brush.Noise(warp, dx * grain, dy * grain)) + (0.12f * Brush.Noise(warp + 2, dx * 2.3f * grain, dy * 2.3f * grain));
        float pullY = (0.18f * Brush.Noise(warp + 1, dx * grain, dy * grain)) + (0.12f * Brush.Noise(warp + 3, dx * 2.3f * grain, dy * 2.3f * grain));
        dx += radius * pullX;
        dy += radius * pullY;
        float sum = 0;
        foreach (var e in ellipses)
        {
            float u = (((dx - e.X) * e.Cos) + ((dy - e.Y) * e.Sin)) / e.RadiusX;
            float v = (((dy - e.Y) * e.Cos) - ((dx - e.X) * e.Sin)) / e.RadiusY;
            sum += Brush.Bump(MathF.Sqrt((u * u) + (v * v)) / 1.6f);
        }

        return Math.Min(sum, 1.2f);
    }
}
