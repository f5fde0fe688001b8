namespace C2FVL.Figures;

/// <summary>A drawing that can be shown in a cell and written as a file.</summary>
public interface IFigure : IDisplayable
{
    /// <summary>What the figure shows, for a reader who cannot see it. Never empty.</summary>
    string AltText { get; }

    /// <summary>The figure as a PNG.</summary>
    /// <param name="scale">Device pixels a unit of the figure's size; above 0.</param>
    byte[] ToPng(double scale = 2);

    /// <summary>The figure as an SVG document with its title and alternative text.</summary>
    string ToSvg();
}
