using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using C2FVL.Figures;
using C2FVL.Workbook.Pages;

namespace C2FVL.Workbook.Notebooks;

/// <summary>An executed notebook as it is stored in notebooks/: nothing of this machine or this moment, so that a rerun is a clean diff.</summary>
internal static partial class StoredForm
{
    /// <param name="executed">The notebook with its outputs.</param>
    /// <param name="root">The checkout; its path is left out of texts.</param>
    public static Notebook Of(Notebook executed, string root) => executed with
    {
        Cells = [.. executed.Cells.Select(cell => cell with { Outputs = cell.IsVolatile ? [] : Cleaned(cell, root) })],
    };

    private static JsonArray Cleaned(NotebookCell cell, string root)
    {
        var seen = new Dictionary<string, string>();
        JsonArray outputs = cell.Outputs.DeepClone().AsArray();
        foreach (JsonObject output in outputs.OfType<JsonObject>())
            CellOutputs.WithTexts(output, content => Clean(content));
        return outputs;

        string Clean(string content)
        {
            content = HtmlPage.WithoutFormatterStyle(WithoutPlotly(content)).Replace(root + Path.DirectorySeparatorChar, "").Replace(root, ".");
            // Libraries name elements at random; the cell's id and the order in it do as well.
            return RandomId().Replace(content, match =>
            {
                if (!seen.TryGetValue(match.Value, out string? name))
                    seen[match.Value] = name = $"{cell.Id}-{seen.Count + 1}";
                return name;
            });
        }
    }

    /// <summary>The HTML without Plotly's script element, for a notebook that should stay small.</summary>
    internal static string WithoutPlotly(string html) => Plotly().Replace(html, "");

    [GeneratedRegex($"<script id=\"{PlotlyScript.ElementId}\">.*?</script>\n?", RegexOptions.Singleline)]
    private static partial Regex Plotly();

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex RandomId();
}
