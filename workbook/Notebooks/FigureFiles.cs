using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Platform;
using SkiaSharp;
using static System.Net.WebUtility;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Figures and tables as files.</summary>
internal static partial class FigureFiles
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

    /// <summary>The figure as an SVG document with its title and alternative text.</summary>
    public static string ToSvg(this DrawnFigure figure)
    {
        using var stream = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(SKRect.Create(figure.Size.Width, figure.Size.Height), stream))
        {
            canvas.DrawColor(Palette.Paper);
            figure.Draw(canvas);
        }

        string svg = Encoding.UTF8.GetString(stream.ToArray());
        // A viewer without the typeface takes one of nearly the same widths.
        svg = svg.Replace($"\"{FigureFont.Name}\"", $"\"{FigureFont.Name}, Verdana, sans-serif\"");
        // Skia counts clips over the whole process; counted from the figure's start, the same figure has the same text.
        var clips = new List<string>();
        svg = ClipName().Replace(svg, name =>
        {
            if (!clips.Contains(name.Value))
                clips.Add(name.Value);
            return $"cl_{clips.IndexOf(name.Value)}";
        });
        int close = svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal));
        string words = $" role=\"img\" viewBox=\"0 0 {figure.Size.Width} {figure.Size.Height}\">"
            + $"<title>{HtmlEncode(figure.Title)}</title><desc>{HtmlEncode(figure.AltText)}</desc>";
        return svg[..close] + words + svg[(close + 1)..];
    }

    /// <summary>
    /// All columns and rows, numbers as they round-trip, missing values empty. An estimate has three columns: NAME, NAME
    /// low and NAME high.
    /// </summary>
    public static string ToCsv(this Table table)
    {
        var csv = new StringBuilder();
        Append(table.Columns.SelectMany(column => column.HasIntervals
            ? [column.Name, $"{column.Name} low", $"{column.Name} high"] : (string[])[column.Name]));
        foreach (int row in Enumerable.Range(0, table.RowCount))
            Append(table.Columns.SelectMany(column => column.HasIntervals
                ? column.Values[row] is Estimate e ? [e.Value, e.Low, e.High] : new object?[3] : [column.Values[row]]));
        return csv.ToString();

        void Append(IEnumerable<object?> cells) => csv.AppendJoin(
            ',', cells.Select(cell => Quote(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? ""))).Append('\n');
    }

    [GeneratedRegex("\\bcl_[0-9a-f]+\\b")]
    private static partial Regex ClipName();

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
