using C2FVL.Data;

namespace C2FVL.Phantoms;

/// <summary>The vessels of both lungs: branches that leave the hilum, fork and grow thin.</summary>
internal sealed class Vessels
{
    private readonly List<Branch> branches = [];

    /// <summary>Grows the vessels.</summary>
    /// <param name="random">What they look like.</param>
    /// <param name="hilumX">How far from the middle the vessels enter the lungs.</param>
    /// <param name="hilumY">At what height.</param>
    /// <param name="reach">The length of a main branch.</param>
    /// <param name="width">The half width of a main branch.</param>
    /// <param name="trunks">The main branches of a lung.</param>
    public Vessels(Random random, float hilumX, float hilumY, float reach, float width, int trunks)
    {
        foreach (int side in (int[])[-1, 1])
        {
            for (int trunk = 0; trunk < trunks; trunk++)
            {
                float angle = (-1.25f + (2.5f * (trunk + random.Between(0.0f, 1.0f)) / trunks)) * 1.05f;
                Grow(random, side, side * hilumX, hilumY + (0.05f * (((float)trunk / trunks) - 0.5f)), angle,
                    reach * random.Between(0.6f, 1.2f), width * random.Between(0.7f, 1.1f), 3);
            }
        }
    }

    /// <summary>How much of a vessel lies at a point, 0 to 1.</summary>
    public float At(float x, float y, float pixel)
    {
        float most = 0;
        foreach (Branch branch in branches)
        {
            float dx = x - branch.X, dy = y - branch.Y;
            if ((dx * dx) + (dy * dy) > (4 * branch.Length2) + 0.01f)
                continue; // too far, at the coarsest image too
            float along = Math.Clamp(((dx * branch.DX) + (dy * branch.DY)) / branch.Length2, 0, 1);
            (dx, dy) = (dx - (along * branch.DX), dy - (along * branch.DY));
            float width = branch.Width * (1 - (0.35f * along));
            float drawn = MathF.Sqrt((width * width) + (0.49f * pixel * pixel));
            most = Math.Max(most, width / drawn * Brush.Bump(MathF.Sqrt((dx * dx) + (dy * dy)) / (1.7f * drawn)));
        }

        return most;
    }

    private void Grow(Random random, int side, float x, float y, float angle, float length, float width, int forks)
    {
        float dx = side * length * MathF.Cos(angle), dy = length * MathF.Sin(angle);
        branches.Add(new Branch(x, y, dx, dy, width));
        if (forks == 0)
            return;
        float turn = random.Between(0.05f, 0.65f);
        (x, y, width) = (x + dx, y + dy, width * 0.62f);
        Grow(random, side, x, y, angle + turn, length * random.Between(0.55f, 0.9f), width, forks - 1);
        if (random.NextSingle() >= 0.2f)
            Grow(random, side, x, y, angle - random.Between(0.15f, 0.75f), length * random.Between(0.5f, 0.85f), width,
                forks - 1);
    }

    private sealed record Branch(float X, float Y, float DX, float DY, float Width)
    {
        public float Length2 { get; } = (DX * DX) + (DY * DY);
    }
}
