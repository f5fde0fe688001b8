using C2FVL.Evaluation;
using C2FVL.Platform;

namespace C2FVL.Tests.Evaluation;

/// <summary>Scores made for tests.</summary>
internal static class ScoresFor
{
    /// <summary>A case whose Dice is the one given, to 1e-4: prediction and mask have 10,000 pixels each.</summary>
    public static CaseScore Dice(string id, string group, double dice) =>
        new(id, group, (long)Math.Round(dice * 10_000), 10_000, 10_000, 50_176);

    /// <summary>
    /// Images whose Dice is 0.6 on average: uniform patient effects of up to 0.2 either way, and of up to 0.1 for each
    /// image.
    /// </summary>
    public static CaseScore[] Random(int patients, int imagesEach, int seed)
    {
        Random random = Seeds.Random(seed, "scores");
        return [.. Enumerable.Range(0, patients).SelectMany(patient =>
        {
            double effect = (random.NextDouble() - 0.5) * 0.4;
            return Enumerable.Range(0, imagesEach).Select(image =>
                Dice($"p{patient}-{image}", $"p{patient}", 0.6 + effect + ((random.NextDouble() - 0.5) * 0.2)));
        })];
    }
}
