using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Platform;
using C2FVL.Workbook.Notebooks;
using NotebookCell = C2FVL.Workbook.Notebooks.NotebookCell;

namespace C2FVL.Workbook.Pages;

/// <summary>
/// The whole workbook as one HTML file that opens with no network: contents, text with formulas, code, outputs. A
/// security policy in its head forbids every request.
/// </summary>
/// <param name="folder">The notebooks' folder.</param>
/// <param name="place">The page's folder, which its links to files start from.</param>
internal sealed partial class HtmlPage(string folder, string place)
{
    private readonly MarkdownHtml markdown = new(folder, place);

    /// <summary>Renders every markdown cell, for its errors alone.</summary>
    /// <returns>What cannot be shown.</returns>
    public IReadOnlyList<CellFault> Check(Notebook notebook)
    {
        var faults = new List<CellFault>();
        var ids = new HashSet<string>();
        foreach ((NotebookCell cell, int i) in notebook.Cells.Select((cell, i) => (cell, i)).Where(c => c.cell.Kind == CellKind.Markdown))
        {
            try
            {
                markdown.Render(cell.Source, notebook.Name, ids);
            }
            catch (FormatException e)
            {
                faults.Add(new CellFault(notebook.Name, i + 1, null, null, "markdown", e.Message) { IsMarkdown = true });
            }
        }

        return faults;
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="notebooks">Executed notebooks in reading order.</param>
    /// <param name="scale">The scale they ran at, said on top.</param>
    public void Write(string path, IReadOnlyList<Notebook> notebooks, Scale scale) => AtomicFile.WriteText(path, Render(notebooks, scale));

    internal string Render(IReadOnlyList<Notebook> notebooks, Scale scale)
    {
        var contents = new StringBuilder();
        var body = new StringBuilder();
        var ids = new HashSet<string>(notebooks.Select(n => n.Name));
        foreach (Notebook notebook in notebooks)
        {
            contents.Append($"<li><a href=\"#{notebook.Name}\">{WebUtility.HtmlEncode(notebook.Title)}</a><ul>");
            body.Append($"<section id=\"{notebook.Name}\">\n");
            int number = 0;
            foreach (NotebookCell cell in notebook.Cells)
            {
                if (cell.Kind == CellKind.Markdown)
                {
                    (string html, var headings) = markdown.Render(cell.Source, notebook.Name, ids);
                    body.Append("<div class=\"text\">").Append(html).Append("</div>\n");
                    foreach (var heading in headings.Where(h => h.Level == 2))
                        contents.Append($"<li><a href=\"#{heading.Id}\">{WebUtility.HtmlEncode(heading.Text)}</a></li>");
                }
                else if (cell.Kind == CellKind.Code)
                {
                    body.Append($"<details class=\"code\" open><summary>[{++number}]</summary><pre><code>{CodeHtml.Of(cell.Source)}</code></pre></details>\n");
                    foreach (JsonNode? output in cell.Outputs)
                        body.Append(Output(output!.AsObject()));
                }
            }

            contents.Append("</ul></li>\n");
            body.Append("</section>\n");
        }

        // Plotly is 0.45 MB: only for a page with charts.
        string script = body.ToString().Contains("data-c2fvl=") ? PlotlyScript.Element + "\n" : "";
        string note = scale == Scale.Phantom
            ? "Phantom preset: drawn images and tiny networks. For demonstration only: these numbers are not results."
            : $"{scale} preset.";
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <link rel="icon" href="data:,">
            <title>C2FVL.NET workbook</title>
            <style>{Style}</style>
            {script}</head>
            <body>
            <nav><strong>C2FVL.NET workbook</strong><ul>
            {contents}</ul></nav>
            <main>
            <p class="scale">{note}</p>
            {body}</main>
            </body>
            </html>

            """.ReplaceLineEndings("\n");
    }

    /// <summary>The HTML of a value without the style that the formatter brings with each value; the page has it once.</summary>
    internal static string WithoutFormatterStyle(string html) => FormatterStyle().Replace(html, "");

    private static string Output(JsonObject output)
    {
        if ((string?)output["output_type"] == "stream")
            return $"<pre class=\"output {(string?)output["name"]}\">{WebUtility.HtmlEncode(CellOutputs.Text(output["text"]))}</pre>\n";
        if ((string?)output["output_type"] == "error")
            return $"<pre class=\"output stderr\">{WebUtility.HtmlEncode($"{(string?)output["ename"]}: {(string?)output["evalue"]}")}</pre>\n";
        if (output["data"] is not JsonObject data)
            return "";

        string plain = CellOutputs.Text(data["text/plain"]);
        if (data["text/html"] is JsonNode html)
            return $"<div class=\"output\">{WithoutFormatterStyle(CellOutputs.Text(html))}</div>\n";
        if (data["image/svg+xml"] is JsonNode svg)
            return $"<div class=\"output\">{CellOutputs.Text(svg)}</div>\n";
        foreach (string mime in new[] { "image/png", "image/jpeg" })
        {
            if (data[mime] is JsonNode picture)
                return $"<div class=\"output\"><img alt=\"{WebUtility.HtmlEncode(plain)}\" src=\"data:{mime};base64,{CellOutputs.Text(picture).Trim()}\"></div>\n";
        }

        if (data["text/markdown"] is JsonNode text)
            return $"<pre class=\"output\">{WebUtility.HtmlEncode(CellOutputs.Text(text))}</pre>\n";
        return $"<pre class=\"output\">{WebUtility.HtmlEncode(plain)}</pre>\n";
    }

    [GeneratedRegex(@"<style>\s*\.dni-.*?</style>", RegexOptions.Singleline)]
    private static partial Regex FormatterStyle();

    internal const string Style = """
        :root{--paper:#fff;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--code:#f6f8fa;--kw:#8250df;--str:#0a3069;--num:#0550ae;--com:#59636e;--link:#0969da;--bad:#b35900}
        @media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--code:#161b22;--kw:#d2a8ff;--str:#a5d6ff;--num:#79c0ff;--com:#9198a1;--link:#58a6ff;--bad:#ffb366}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif;display:flex}
        nav{position:sticky;top:0;height:100vh;overflow:auto;flex:0 0 17rem;padding:1rem;border-right:1px solid var(--line);font-size:.85rem}
        nav ul{list-style:none;padding-left:.8rem;margin:.3rem 0}
        main{flex:1;min-width:0;max-width:62rem;padding:1rem 2rem 6rem;margin:0 auto} a{color:var(--link)}
        .scale{border-left:4px solid var(--bad);padding:.4rem .8rem;background:var(--code)}
        section{border-top:1px solid var(--line);margin-top:2rem} section:first-of-type{border:0;margin-top:0}
        pre{overflow:auto;font:13px/1.5 ui-monospace,monospace;margin:0}
        .code{background:var(--code);border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:1rem 0 .4rem}
        .code summary{color:var(--soft);font-size:.75rem;cursor:pointer}
        .text code{background:var(--code);padding:.1em .3em;border-radius:4px}
        .text pre{background:var(--code);padding:.6rem .8rem;border-radius:6px} .text table{border-collapse:collapse}
        .text th,.text td{border:1px solid var(--line);padding:.2rem .6rem} .formula{overflow-x:auto;margin:.8rem 0}
        math{font-size:1.08em} .output{overflow:auto;padding:.3rem .8rem} .output.stderr{color:var(--bad)}
        .output img,.output svg{max-width:100%;height:auto} .dni-treeview{white-space:nowrap;padding-left:1em}
        .dni-treeview td,.dni-treeview th{vertical-align:top;text-align:start}
        .kw{color:var(--kw)}.str{color:var(--str)}.num{color:var(--num)}.com{color:var(--com);font-style:italic}
        @media (max-width:60rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}}
        @media print{nav{display:none}}
        """;
}
