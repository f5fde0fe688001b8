using System.Xml.Linq;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;
using SkiaSharp;

namespace C2FVL.Tests.Figures;

public sealed class DrawnFigureTests
{
    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, Samples.All.Count)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void APngShowsInkOnPaperWithAClearMargin(int kind)
    {
        DrawnFigure figure = Samples.All[kind];

        using SKBitmap bitmap = SKBitmap.Decode(figure.ToPng(1));

        Assert.Equal((figure.Size.Width, figure.Size.Height), (bitmap.Width, bitmap.Height));
        Assert.InRange(Ink(bitmap, SKRectI.Create(0, 0, bitmap.Width, bitmap.Height)), 0.01, 0.7);
        Assert.InRange(Ink(bitmap, SKRectI.Create(8, 8, 200, 20)), 0.03, 0.5); // the title
        Assert.Equal(0, Ink(bitmap, SKRectI.Create(0, 0, 2, bitmap.Height)));
        Assert.Equal(0, Ink(bitmap, SKRectI.Create(bitmap.Width - 2, 0, 2, bitmap.Height)));
        Assert.Equal(0, Ink(bitmap, SKRectI.Create(0, bitmap.Height - 1, bitmap.Width, 1)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnSvgIsWellFormedAndSaysWhatItShows(int kind)
    {
        DrawnFigure figure = Samples.All[kind];

        XElement svg = XDocument.Parse(figure.ToSvg()).Root!;

        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal(figure.Title, svg.Elements().Single(element => element.Name.LocalName == "title").Value);
        Assert.Equal(figure.AltText, svg.Elements().Single(element => element.Name.LocalName == "desc").Value);
        Assert.Contains(svg.Descendants(), element => element.Name.LocalName == "text");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnSvgIsTheSameWhateverWasDrawnBefore(int kind) => Assert.Equal(Samples.All[kind].ToSvg(), Samples.All[kind].ToSvg());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AlternativeTextSaysMoreThanTheTitle(int kind)
    {
        DrawnFigure figure = Samples.All[kind];

        Assert.True(figure.AltText.Length > figure.Title.Length + 20, figure.AltText);
        Assert.Contains(figure.Title, figure.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheFontIsTheEmbeddedOne()
    {
        Assert.Equal(FigureFont.Name, FigureFont.Regular.FamilyName);
        Assert.True(FigureFont.Bold.IsBold);
        Assert.Same(FigureFont.Bold, ScottPlot.Fonts.GetTypeface(FigureFont.Name, bold: true, italic: false));
        using SKFont font = FigureCanvas.Font(12);
        Assert.True(font.ContainsGlyphs("a\u03b1\u03b3\u00d7\u2013\u2265\u2192%"));
    }

    [Fact]
    public void TheScaleMultipliesThePixels()
    {
        using SKBitmap bitmap = SKBitmap.Decode(Samples.Plain.ToPng(0.5));

        Assert.Equal((360, 210), (bitmap.Width, bitmap.Height));
        Assert.Throws<ArgumentException>(() => Samples.Plain.ToPng(0));
    }

    [Fact]
    public void SavingWritesWholeFilesAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["loss.png"], "older");

        IReadOnlyList<string> files = Samples.Plain.Save(folder.Path, "loss");

        Assert.Equal([folder["loss.png"], folder["loss.svg"]], files);
        Assert.Equal(files.Order(), Directory.GetFiles(folder.Path).Order());
        Assert.Equal(Samples.Plain.ToPng(), File.ReadAllBytes(folder["loss.png"]));
        Assert.Throws<ArgumentException>(() => Samples.Plain.Save(folder.Path, "../loss"));
    }

    [Fact]
    public void AGridIsSmallerAsAWebpThanAsAPng() => Assert.True(Samples.Pictures.ToWebp().Length < Samples.Pictures.ToPng(1).Length / 2);

    /// <summary>The share of pixels that are not paper.</summary>
    private static double Ink(SKBitmap bitmap, SKRectI area)
    {
        int ink = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
                ink += bitmap.GetPixel(x, y) == Palette.Paper ? 0 : 1;
        }

        return (double)ink / (area.Width * area.Height);
    }
}
