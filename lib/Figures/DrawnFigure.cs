using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A figure that draws itself on a canvas; PNG, SVG and HTML all come from that one drawing.</summary>
/// <param name="Title">One line above the drawing.</param>
public abstract record DrawnFigure(string Title) : IFigure
{
    /// <summary>The second line: which scale and data it shows, such as "phantom scale: a demonstration, no result".</summary>
    public string Subtitle { get; init; } = "";

    /// <inheritdoc/>
    public string? Id { get; init; }

    /// <inheritdoc/>
    /// <remarks>Where none is given, one is put together from the figure's content.</remarks>
    public string AltText
    {
        get => field.Length > 0 ? field : Sentences([Title, Subtitle, Describe()]);
        init;
    } = "";

    /// <summary>The size of the drawing in units of one CSS pixel.</summary>
    internal abstract SKSizeI Size { get; }

    /// <summary>Device pixels a unit in a stored cell output: what is sharp enough and keeps notebooks small.</summary>
    internal virtual double CellScale => 1.5;

    public byte[] ToPng(double scale = 2) => FigureCanvas.Png(Size, scale, Draw);

    public string ToSvg() => FigureCanvas.Svg(Size, Title, AltText, Draw);

    /// <summary>The drawing inside the HTML, with its alternative text.</summary>
    public virtual string ToHtml() =>
        $"<figure style=\"margin:0\">{ImageElement()}</figure>";

    public string ToText() => Sentences([Title, Subtitle, AltText.StartsWith(Title, StringComparison.Ordinal) ? Describe() : AltText]);

    /// <summary>The content in words: kinds, names, ranges.</summary>
    internal abstract string Describe();

    internal abstract void Draw(SKCanvas canvas);

    private protected string ImageElement() =>
        $"<img alt=\"{Html.Escape(AltText)}\" width=\"{Size.Width}\" style=\"display:block;max-width:100%;height:auto;background:#fff\" src=\"{ImageSource()}\">";

    /// <summary>The picture inside the HTML, as a data URL.</summary>
    private protected virtual string ImageSource() =>
        "data:image/webp;base64," + Convert.ToBase64String(FigureCanvas.FlatWebp(Size, CellScale, Draw));

    private static string Sentences(IEnumerable<string> parts) =>
        string.Join(" ", parts.Where(part => part.Length > 0).Select(part => part.EndsWith('.') ? part : part + "."));
}
