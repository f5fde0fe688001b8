using System.Globalization;

namespace C2FVL.Figures;

/// <summary>A progress bar with words, small enough to be shown again many times a minute.</summary>
/// <param name="Title">What is under way.</param>
/// <param name="Fraction">How much is done, 0 to 1; values outside take the nearest end.</param>
/// <param name="Message">Where it stands now.</param>
public sealed record ProgressFigure(string Title, double Fraction = 0, string Message = "") : IDisplayable
{
    private const int TextWidth = 30;

    private double Part => Fraction > 0 ? Math.Min(Fraction, 1) : 0;

    private string Percent => ((int)(100 * Part)).ToString(CultureInfo.InvariantCulture) + " %";

    public string ToHtml() =>
        $"<div><strong>{Html.Escape(Title)}</strong> <progress max=\"1\" value=\"{Part.ToString("0.###", CultureInfo.InvariantCulture)}\" aria-label=\"{Html.Escape(Title)}\" style=\"width:240px;vertical-align:middle\">{Percent}</progress> {Percent} <span>{Html.Escape(Message)}</span></div>";

    public string ToText()
    {
        int done = (int)(TextWidth * Part);
        return $"{Title} [{new string('#', done)}{new string('.', TextWidth - done)}] {Percent} {Message}".TrimEnd();
    }
}
