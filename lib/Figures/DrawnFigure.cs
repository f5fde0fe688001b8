using SkiaSharp;
using static System.Net.WebUtility;

namespace C2FVL.Figures;

/// <summary>A figure that draws itself on a canvas; PNG, SVG and HTML all come from that one drawing.</summary>
/// <param name="Title">One line above the drawing.</param>
public abstract record DrawnFigure(string Title) : IDisplayable
{
    /// <summary>
    /// The second line: which preset and data it shows, such as "phantom preset: for demonstration only".
    /// </summary>
    public string Subtitle { get; init; } = "";

    /// <inheritdoc/>
    public string? Id { get; init; }

    /// <summary>What the figure shows, for a reader who cannot see it, from its content. Never empty.</summary>
    public string AltText => string.Join(" ", new[] { Title, Subtitle, Describe() }
        .Where(part => part.Length > 0).Select(part => part.EndsWith('.') ? part : part + "."));

    /// <summary>The size of the drawing in units of one CSS pixel.</summary>
    internal abstract SKSizeI Size { get; }

    /// <summary>Device pixels per unit in a stored cell output: sharp enough, and notebooks stay small.</summary>
    internal virtual double CellScale => 1.5;

    /// <summary>The figure as a PNG.</summary>
    /// <param name="scale">Device pixels per unit of the figure's size; above 0.</param>
    public byte[] ToPng(double scale = 2) => FigureCanvas.Png(Size, scale, Draw);

    /// <summary>The drawing inside the HTML, with its alternative text.</summary>
    public virtual string ToHtml() => $"<figure style=\"margin:0\">{ImageElement()}</figure>";

    public string ToText() => AltText;

    /// <summary>The content in words: kinds, names, ranges.</summary>
    internal abstract string Describe();

    internal abstract void Draw(SKCanvas canvas);

    private protected string ImageElement() =>
        $"<img alt=\"{HtmlEncode(AltText)}\" width=\"{Size.Width}\" "
            + $"style=\"display:block;max-width:100%;height:auto;background:#fff\" src=\"{ImageSource()}\">";

    /// <summary>The picture inside the HTML, as a data URL.</summary>
    private protected virtual string ImageSource() =>
        "data:image/webp;base64," + Convert.ToBase64String(FigureCanvas.FlatWebp(Size, CellScale, Draw));
}

/// <summary>What a cell shows as its trailing expression: a figure, a table or a progress panel.</summary>
public interface IDisplayable
{
    string Title { get; }

    /// <summary>
    /// A short name for its files, such as "figure-2", which stays when the title changes; null names them by the
    /// title.
    /// </summary>
    string? Id => null;

    /// <summary>
    /// An HTML fragment that needs nothing from the network and is readable in light and dark themes.
    /// </summary>
    string ToHtml();

    /// <summary>Plain text for hosts that show nothing else.</summary>
    string ToText();
}
