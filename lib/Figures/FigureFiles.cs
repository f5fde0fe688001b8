namespace C2FVL.Figures;

/// <summary>Figures as files.</summary>
public static class FigureFiles
{
    /// <summary>
    /// Writes the figure as name.png and name.svg (a picture grid, which has no lines to keep sharp, as PNG alone).
    /// Each file appears whole or not at all.
    /// </summary>
    /// <param name="figure">What to write.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="name">A file name without ending.</param>
    /// <returns>The written files.</returns>
    public static IReadOnlyList<string> Save(this IFigure figure, string folder, string name)
    {
        var files = new List<string> { WholeFile.Write(folder, name + ".png", figure.ToPng()) };
        if (figure is not PictureGrid)
            files.Add(WholeFile.Write(folder, name + ".svg", figure.ToSvg()));
        return files;
    }
}
