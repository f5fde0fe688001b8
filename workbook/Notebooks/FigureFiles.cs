using System.Globalization;
using System.Text;
using C2FVL.Figures;
using C2FVL.Platform;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Figures and tables as files.</summary>
internal static class FigureFiles
{
    /// <summary>
    /// Writes the figure as name.png and name.svg (a picture grid, which has no lines to keep sharp, as PNG alone).
    /// Each file appears whole or not at all.
    /// </summary>
    /// <param name="figure">What to write.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="name">A file name without ending.</param>
    /// <returns>The written files.</returns>
    public static IReadOnlyList<string> Save(this DrawnFigure figure, string folder, string name)
    {
        var files = new List<string> { WholeFile.Write(folder, name + ".png", figure.ToPng()) };
        if (figure is not PictureGrid)
            files.Add(WholeFile.Write(folder, name + ".svg", figure.ToSvg()));
        return files;
    }

    /// <summary>All columns and rows, numbers as they round-trip, missing values empty.</summary>
    public static string ToCsv(this Table table)
    {
        var csv = new StringBuilder();
        csv.AppendJoin(',', table.Data.Columns.Select(column => Quote(column.Name))).Append('\n');
        for (long row = 0; row < table.Data.Rows.Count; row++)
            csv.AppendJoin(
                ',',
                table.Data.Columns.Select(
                    column => Quote(Convert.ToString(column[row], CultureInfo.InvariantCulture) ?? ""))).Append('\n');
        return csv.ToString();
    }

    /// <summary>Writes name.csv and name.md, each whole or not at all.</summary>
    /// <param name="table">What to write.</param>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="name">A file name without ending.</param>
    /// <returns>The written files.</returns>
    public static IReadOnlyList<string> Save(this Table table, string folder, string name) =>
        [WholeFile.Write(folder, name + ".csv", table.ToCsv()), WholeFile.Write(folder, name + ".md", table.ToMarkdown())];

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
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
