using C2FVL.Figures;
using SkiaSharp;

namespace C2FVL.Tests.Figures;

public sealed class PaletteTests
{
    [Fact]
    public void SeriesStayApartForDeuteranopes() => AssertApart(Palette.Series.Take(4), 14);

    [Fact]
    public void OverlayColoursStayApartForDeuteranopes() =>
        AssertApart([Palette.TruePositive, Palette.FalsePositive, Palette.FalseNegative], 30);

    [Fact]
    public void WordsStandOutFromThePaper()
    {
        Assert.InRange(Contrast(Palette.Ink, Palette.Paper), 7, 21);
        Assert.InRange(Contrast(Palette.Muted, Palette.Paper), 4.5, 21);
    }

    private static void AssertApart(IEnumerable<SKColor> colors, double least)
    {
        SKColor[] all = [.. colors];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double plain = Distance(Linear(all[i]), Linear(all[j]));
                double seen = Distance(Deuteranope(Linear(all[i])), Deuteranope(Linear(all[j])));
                Assert.True(Math.Min(plain, seen) >= least, $"{all[i]} and {all[j]}: {plain:0.0}, seen by a deuteranope {seen:0.0}");
            }
        }
    }

    /// <summary>Full deuteranopia in linear RGB, after Machado, Oliveira and Fernandes (2009).</summary>
    private static double[] Deuteranope(double[] c) =>
    [
        (0.367322 * c[0]) + (0.860646 * c[1]) - (0.227968 * c[2]),
        (0.280085 * c[0]) + (0.672501 * c[1]) + (0.047413 * c[2]),
        (-0.011820 * c[0]) + (0.042940 * c[1]) + (0.968881 * c[2]),
    ];

    /// <summary>The CIE 1976 colour difference.</summary>
    private static double Distance(double[] a, double[] b) => Math.Sqrt(Lab(a).Zip(Lab(b), (p, q) => (p - q) * (p - q)).Sum());

    private static double[] Lab(double[] c)
    {
        static double F(double t) => t > 216.0 / 24389 ? Math.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;
        double x = F(((0.4124 * c[0]) + (0.3576 * c[1]) + (0.1805 * c[2])) / 0.95047);
        double y = F((0.2126 * c[0]) + (0.7152 * c[1]) + (0.0722 * c[2]));
        double z = F(((0.0193 * c[0]) + (0.1192 * c[1]) + (0.9505 * c[2])) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Contrast(SKColor dark, SKColor light)
    {
        static double Luminance(double[] c) => (0.2126 * c[0]) + (0.7152 * c[1]) + (0.0722 * c[2]);
        return (Luminance(Linear(light)) + 0.05) / (Luminance(Linear(dark)) + 0.05);
    }

    private static double[] Linear(SKColor color) => [.. new[] { color.Red, color.Green, color.Blue }.Select(part =>
    {
        double value = part / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    })];
}
