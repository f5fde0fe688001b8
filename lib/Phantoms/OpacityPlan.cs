using System.Runtime.InteropServices;
using C2FVL.Data;

namespace C2FVL.Phantoms;

/// <summary>
/// Places the opacities of one image. It works on a coarse grid in body coordinates, so that an image has the same
/// opacities at every size.
/// </summary>
internal sealed class OpacityPlan
{
    private const int Grid = 64;

    /// <summary>
    /// How much of an opacity must lie in its own zone where distractors are drawn; the rest is too little to be named.
    /// </summary>
    private const double OwnShare = 0.88;

    private readonly Random random;
    private readonly List<int> taken = [];

    /// <summary>The cells of each lung, row-major; the left one is first.</summary>
    private readonly int[][] lungs;
    private readonly int first, last;

    private OpacityPlan(Anatomy anatomy, Random random)
    {
        this.random = random;
        lungs = [CellsOf(-1), CellsOf(1)];
        (first, last) = (lungs.Min(cells => cells[0] / Grid), lungs.Max(cells => cells[^1] / Grid));

        int[] CellsOf(int side) => [.. Enumerable.Range(0, Grid * Grid)
            .Where(cell => anatomy.LungDepth(side, Centre(cell).X, Centre(cell).Y) > 0)];
    }

    /// <summary>The lesions and the distractors of one image.</summary>
    /// <param name="anatomy">The patient.</param>
    /// <param name="kind">CT lesions are smaller.</param>
    /// <param name="distractors">
    /// Whether to add a look-alike. Then three or four opacities are placed by one rule, each in a zone of its own and
    /// apart from the others, and only then a draw decides which one is no lesion: nothing in the image shows it.
    /// </param>
    /// <param name="random">Everything random about them.</param>
    public static (IReadOnlyList<Opacity> Lesions, IReadOnlyList<Opacity> Distractors) Make(
        Anatomy anatomy, ImageKind kind, bool distractors, Random random)
    {
        float scale = kind == ImageKind.CT ? 0.85f : 1;
        if (!distractors)
            return (new OpacityPlan(anatomy, random).Alone(scale), []);

        List<Opacity> placed = [];
        while (placed.Count < 3)
            placed = new OpacityPlan(anatomy, random).Apart(random.Next(3, 5), scale);
        random.Shuffle(CollectionsMarshal.AsSpan(placed));
        return (placed[..^1], placed[^1..]);
    }

    /// <summary>Lesions anywhere, in both lungs more often than not, small ones and large ones.</summary>
    private List<Opacity> Alone(float scale)
    {
        bool bilateral = random.NextSingle() < 0.6f;
        int side = random.Next(2) == 0 ? -1 : 1;
        int count = bilateral ? random.Next(2, 5) : random.Next(1, 3);
        var placed = new List<Opacity>();
        while (placed.Count < count)
        {
            bool isLarge = random.NextSingle() < 0.3f;
            float radius = scale * (isLarge ? random.Between(0.12f, 0.19f) : random.Between(0.06f, 0.12f));
            if (TryPlace(side, Third(), radius, minOwn: 0, apart: false) is Opacity opacity)
                placed.Add(opacity);
            side = bilateral ? -side : side;
        }

        return placed;
    }

    /// <summary>Opacities in different zones, none touching another.</summary>
    private List<Opacity> Apart(int count, float scale)
    {
        var zones = new List<(int Side, int Third)>();
        while (zones.Count < count)
        {
            var zone = (random.Next(2) == 0 ? -1 : 1, Third());
            if (!zones.Contains(zone))
                zones.Add(zone);
        }

        var placed = new List<Opacity>();
        foreach ((int side, int third) in zones)
        {
            float radius = scale * random.Between(0.075f, 0.12f);
            placed.AddRange(Enumerable.Range(0, 30).Select(attempt => TryPlace(side, third,
                Math.Max(0.04f, radius * (1 - (0.02f * attempt))), OwnShare, apart: true)).OfType<Opacity>().Take(1));
        }

        return placed;
    }

    /// <summary>Upper, middle or lower, with weights 1, 2 and 3.</summary>
    private int Third() => (random.NextSingle() * 6) switch { < 1 => 0, < 3 => 1, _ => 2 };

    /// <summary>An opacity round a random point of the zone; null where too little of it would lie there.</summary>
    private Opacity? TryPlace(int side, int third, float radius, double minOwn, bool apart)
    {
        int[] lung = lungs[side < 0 ? 0 : 1], zone = Array.FindAll(lung, cell => ThirdOf(cell) == third);
        if (zone.Length == 0)
            return null;
        (float x, float y) = Centre(zone[random.Next(zone.Length)]);
        var opacity = new Opacity(random, side, x, y, radius);
        int[] cells = Array.FindAll(lung, cell => opacity.Covers(Centre(cell).X, Centre(cell).Y));
        int own = cells.Count(c => ThirdOf(c) == third);
        if (own < 14 || own < minOwn * cells.Length
            || (apart && Array.Exists(cells, c => taken.Exists(t => AreNear(c, t)))))
            return null;
        taken.AddRange(cells);
        return opacity;
    }

    private static bool AreNear(int cell, int other) => Math.Abs((cell / Grid) - (other / Grid)) <= 3
        && Math.Abs((cell % Grid) - (other % Grid)) <= 3;

    private int ThirdOf(int cell) => Math.Clamp(((cell / Grid) - first) * 3 / (last - first + 1), 0, 2);

    private static (float X, float Y) Centre(int cell) =>
        ((((cell % Grid) + 0.5f) / Grid) - 0.5f, (((cell / Grid) + 0.5f) / Grid) - 0.5f);
}

/// <summary>
/// An irregular cloud in one lung: blurred ellipses summed and pulled about by noise. Its area is where the sum
/// exceeds a threshold; its look fades in round that edge.
/// </summary>
/// <param name="random">Its look.</param>
/// <param name="side">-1 for the lung left in the image, 1 for the right one.</param>
/// <param name="x">Its middle, in body coordinates (see <see cref="Anatomy"/>).</param>
/// <param name="y">Its middle.</param>
/// <param name="radius">About how far it reaches.</param>
internal sealed class Opacity(Random random, int side, float x, float y, float radius)
{
    private const float Threshold = 0.5f;

    // Drawn in this order, which decides what a seed gives.
    private readonly int warp = random.Next();
    private readonly float strength = random.Between(0.9f, 1.15f);
    private readonly (float X, float Y, float RadiusX, float RadiusY, float Cos, float Sin)[] ellipses = [
        .. Enumerable.Range(0, random.Next(3, 6)).Select(i =>
        {
            float angle = random.Between(0, 6.28f), far = i == 0 ? 0 : radius * random.Between(0.3f, 0.75f);
            float turn = random.Between(0, 3.14f);
            return (far * MathF.Cos(angle), far * MathF.Sin(angle), radius * random.Between(0.5f, 0.85f),
                radius * random.Between(0.4f, 0.7f), MathF.Cos(turn), MathF.Sin(turn));
        })];

    /// <summary>-1 for the lung left in the image, 1 for the right one.</summary>
    public int Side => side;

    /// <summary>Whether a point lies in the area (of an endless lung).</summary>
    public bool Covers(float px, float py) => Field(px, py) > Threshold;

    /// <summary>How much is seen at a point: half its strength on the edge of the area.</summary>
    public float Look(float px, float py, float softness) =>
        strength * Brush.Cover(Field(px, py) - Threshold, softness);

    private float Field(float px, float py)
    {
        float dx = px - x, dy = py - y;
        if ((dx * dx) + (dy * dy) > 5 * radius * radius)
            return 0;
        float grain = 1.3f / radius;
        (dx, dy) = (dx + (radius * Pull(warp)), dy + (radius * Pull(warp + 1)));
        float sum = 0;
        foreach (var e in ellipses)
        {
            float u = (((dx - e.X) * e.Cos) + ((dy - e.Y) * e.Sin)) / e.RadiusX;
            float v = (((dy - e.Y) * e.Cos) - ((dx - e.X) * e.Sin)) / e.RadiusY;
            sum += Brush.Bump(MathF.Sqrt((u * u) + (v * v)) / 1.6f);
        }

        return Math.Min(sum, 1.2f);

        float Pull(int seed) => (0.18f * Brush.Noise(seed, dx * grain, dy * grain))
            + (0.12f * Brush.Noise(seed + 2, dx * 2.3f * grain, dy * 2.3f * grain));
    }
}
