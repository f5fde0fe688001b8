using System.Text;
using C2FVL.Platform;

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

/// <summary>Writes a file into a folder, whole or not at all.</summary>
internal static class WholeFile
{
    public static string Write(string folder, string name, string text) =>
        Write(folder, name, Encoding.UTF8.GetBytes(text));

    /// <exception cref="ArgumentException">The name holds a folder.</exception>
    public static string Write(string folder, string name, byte[] content)
    {
        if (Path.GetFileName(name) != name)
            throw new ArgumentException(
                $"\"{name}\" is not a plain file name. Put the folder into the folder argument.");
        string path = Path.Combine(folder, name);
        AtomicFile.WriteBytes(path, content);
        return path;
    }
}
