using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>
/// The one typeface of all figures, DejaVu Sans, embedded in the library: text looks the same on every machine and is
/// there on a machine without fonts.
/// </summary>
internal static class FigureFont
{
    public const string Name = "DejaVu Sans";

    public static SKTypeface Regular { get; } = Load("DejaVuSans.ttf");

    public static SKTypeface Bold { get; } = Load("DejaVuSans-Bold.ttf");

    /// <summary>Lets ScottPlot find the embedded typeface by its name. Once a process.</summary>
    public static void Register()
    {
        lock (Fonts.FontResolvers)
        {
            if (!Fonts.FontResolvers.OfType<EmbeddedResolver>().Any())
                Fonts.FontResolvers.Insert(0, new EmbeddedResolver());
        }
    }

    private static SKTypeface Load(string file)
    {
        Assembly assembly = typeof(FigureFont).Assembly;
        string resource = assembly.GetManifestResourceNames().Single(name => name.EndsWith("." + file, StringComparison.Ordinal));
        using Stream stream = assembly.GetManifestResourceStream(resource)!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    private sealed class EmbeddedResolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName != Name ? null : bold ? Bold : Regular;
    }
}
