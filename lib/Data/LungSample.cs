namespace C2FVL.Data;

/// <summary>A lung to fit <see cref="ZoneModel"/> to.</summary>
/// <param name="Features">See <see cref="LungFeatures"/>.</param>
/// <param name="Class">The named zones, 0 to 6: one less than their bits.</param>
/// <param name="Weight">How much it counts.</param>
internal sealed record LungSample(double[] Features, int Class, double Weight);
