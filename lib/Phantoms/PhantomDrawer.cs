using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Phantoms;

/// <summary>
/// Draws chest images with lesions whose masks are known exactly. They demonstrate and test; they are no substitute
/// for real images.
/// </summary>
public static class PhantomDrawer
{
    /// <summary>Raised whenever the same settings would draw other images than before.</summary>
    public const int Version = 3;

    /// <summary>
    /// One image. It depends on the settings' kind, size, distractors and seed and on the two numbers alone, so
    /// images can be drawn in any order and on any thread. A patient's images share the body and differ in pose,
    /// exposure, noise and lesions.
    /// </summary>
    /// <param name="settings">What to draw.</param>
    /// <param name="patient">The patient's number, any whole number.</param>
    /// <param name="image">The number of the patient's image, any whole number.</param>
    public static Phantom Draw(PhantomSettings settings, int patient, int image)
    {
        settings.Check();
        int size = settings.Size;
        var anatomy = Anatomy.Of(
            settings.Kind, Seeds.Random(settings.Seed, "phantom", settings.Kind, "patient", patient));
        var random = Seeds.Random(settings.Seed, "phantom", settings.Kind, "image", patient, image);
        var pose = new Pose(settings.Kind, random);
        var exposure = new Exposure(settings.Kind, random);
        (IReadOnlyList<Opacity> lesions, IReadOnlyList<Opacity> others) = OpacityPlan.Make(
            anatomy, settings.Kind, settings.Distractors, random);

        Opacity[] all = [.. lesions, .. others];
        var picture = new GrayImage(size, size);
        var lungs = new BinaryMask(size, size);
        float pixel = 1f / size;
        for (int at = 0; at < picture.Pixels.Length; at++)
        {
            (float x, float y) = pose.ToBody(((at % size) + 0.5f) * pixel, ((at / size) + 0.5f) * pixel);
            int side = x < 0 ? -1 : 1;
            lungs.Pixels[at] = anatomy.LungDepth(side, x, y) > 0 ? (byte)1 : (byte)0;
            float opacity = all.Where(cloud => cloud.Side == side)
                .Max(cloud => (float?)cloud.Look(x, y, anatomy.Softness)) ?? 0;
            picture.Pixels[at] = exposure.Show(anatomy.Density(x, y, pixel, opacity));
        }

        exposure.AddNoise(picture);
        BinaryMask mask = Areas(lesions, lungs, pose);
        return new Phantom(picture, mask, Areas(others, lungs, pose), lungs, Report(mask, lungs));
    }

    /// <summary>The share of an area that must lie in a zone for the zone to be named.</summary>
    public const double FairShare = 0.25;

    /// <summary>
    /// A phantom's report, from its lesion mask. Areas are the mask's 8-connected components. Left and right are the
    /// halves of the image; upper, middle and lower the thirds of the rows that the lungs take up. A zone is named when
    /// at least a quarter of one area lies in it, so every area is named somewhere and a stray edge names nothing.
    /// </summary>
    /// <param name="mask">The lesions.</param>
    /// <param name="lungs">The lungs, at the same size; they must not be empty.</param>
    public static LesionReport Report(BinaryMask mask, BinaryMask lungs)
    {
        int first = Array.IndexOf(lungs.Pixels, (byte)1), last = Array.LastIndexOf(lungs.Pixels, (byte)1);
        if (first < 0)
            throw new ArgumentException("The image has no lungs, so its zones are unknown.");
        return ReportGeometry.Report(mask, mask.Components(), FairShare, first / lungs.Width, last / lungs.Width);
    }

    /// <summary>
    /// The pixels of the opacities inside the lungs; of each its largest piece, so that no speck counts as an area.
    /// </summary>
    private static BinaryMask Areas(IReadOnlyList<Opacity> opacities, BinaryMask lungs, Pose pose)
    {
        int size = lungs.Width;
        var areas = new BinaryMask(size, size);
        foreach (Opacity opacity in opacities)
        {
            var alone = new BinaryMask(size, size, [.. lungs.Pixels.Select((lung, at) =>
            {
                (float x, float y) = pose.ToBody(((at % size) + 0.5f) / size, ((at / size) + 0.5f) / size);
                return lung != 0 && (x < 0 ? -1 : 1) == opacity.Side && opacity.Covers(x, y) ? (byte)1 : (byte)0;
            })]);
            foreach (int pixel in alone.Components().MaxBy(area => area.Length) ?? [])
                areas.Pixels[pixel] = 1;
        }

        return areas;
    }

    /// <summary>How the patient stands before the detector, the same body a little moved, turned and nearer.</summary>
    private sealed class Pose(ImageKind kind, Random random)
    {
        private readonly float shiftX = random.Between(-0.015f, 0.015f), shiftY = random.Between(-0.03f, 0.03f);
        private readonly float scale = kind == ImageKind.CT ? random.Between(0.86f, 1) : random.Between(0.92f, 1.05f);
        private readonly float turn = random.Between(-0.035f, 0.035f); // so small that it stands for its own sine

        /// <summary>From the image (0 to 1, from its top left) to the body.</summary>
        public (float X, float Y) ToBody(float across, float down)
        {
            float x = (across - 0.5f - shiftX) * scale, y = (down - 0.5f - shiftY) * scale;
            return (x + (turn * y), y - (turn * x));
        }
    }

    /// <summary>From density to grey: tube and film, or window and level; then the detector's noise.</summary>
    private sealed class Exposure(ImageKind kind, Random random)
    {
        private const float Shoulder = 0.55f;
        private readonly float level = random.Between(-0.02f, kind == ImageKind.CT ? 0.05f : 0.10f);
        private readonly float gain = kind == ImageKind.CT ? random.Between(0.9f, 1.1f) : random.Between(0.95f, 1.3f);
        private readonly float gamma = random.Between(0.85f, 1.2f);
        private readonly float noise =
            kind == ImageKind.CT ? random.Between(0.02f, 0.05f) : random.Between(0.012f, 0.03f);

        public float Show(float density)
        {
            float light = Math.Max(0, (density * gain) + level);
            if (light > Shoulder) // bright parts are pressed together, never cut off
                light = 1 - ((1 - Shoulder) * MathF.Exp((Shoulder - light) / (1 - Shoulder)));
            return MathF.Pow(light, gamma);
        }

        public void AddNoise(GrayImage picture)
        {
            for (int i = 0; i < picture.Pixels.Length; i++)
            {
                float value = Math.Clamp(picture.Pixels[i] + (noise * Brush.Normal(random)), 0, 1);
                picture.Pixels[i] = MathF.Round(value * 255) / 255;
            }
        }
    }
}

/// <summary>A drawn image and all that is known of it. All planes have one size.</summary>
/// <param name="Image">The image; every value is a whole multiple of 1/255, so that an 8-bit file holds it
/// exactly.</param>
/// <param name="Mask">The lesions.</param>
/// <param name="Distractors">The opacities that look like lesions and are none; empty unless asked for.</param>
/// <param name="Lungs">Both lungs.</param>
/// <param name="Report">The report, written from <paramref name="Mask"/> by <see cref="PhantomDrawer.Report"/>.</param>
public sealed record Phantom(
    GrayImage Image, BinaryMask Mask, BinaryMask Distractors, BinaryMask Lungs, LesionReport Report);

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

    /// <summary>
    /// How deep a point lies in a (super)ellipse round the origin, about in units of length; negative outside.
    /// </summary>
    public static float Ellipse(float x, float y, float radiusX, float radiusY, float power = 2)
    {
        float r = power == 2 ? MathF.Sqrt((x / radiusX * x / radiusX) + (y / radiusY * y / radiusY))
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
    public static float Between(this Random random, float low, float high) =>
        low + ((high - low) * random.NextSingle());

    private static float Lattice(int seed, int x, int y)
    {
        uint h = ((uint)seed * 0x9E3779B1u) ^ ((uint)x * 0x85EBCA77u) ^ ((uint)y * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return ((h ^ (h >> 15)) / (float)uint.MaxValue * 2) - 1;
    }
}
