using System.Text.RegularExpressions;
using C2FVL.Workbook.Notebooks;
using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace C2FVL.Workbook.Pages;

/// <summary>A markdown cell as HTML that needs nothing else: formulas become MathML, pictures are put inside.</summary>
/// <param name="folder">The notebooks' folder, which the paths of pictures and links start from.</param>
/// <param name="place">The page's folder.</param>
internal sealed class MarkdownHtml(string folder, string place)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseFootnotes()
        .UseTaskLists()
        .UseEmphasisExtras()
        .UseAutoLinks()
        .UseMathematics()
        .Build();

    /// <summary>The cell's HTML and its headings: level, element id and text.</summary>
    /// <exception cref="FormatException">A formula or a picture cannot be shown; the message says which.</exception>
    public (string Html, IReadOnlyList<(int Level, string Id, string Text)> Headings) Render(string markdown, string notebook, ISet<string> ids)
    {
        MarkdownDocument document = Markdown.Parse(markdown, Pipeline);
        var headings = new List<(int, string, string)>();
        foreach (HeadingBlock heading in document.Descendants<HeadingBlock>())
        {
            string text = string.Concat(heading.Inline?.Descendants().Select(PlainText) ?? []);
            string id = $"{notebook}-{Slug.Of(text)}";
            for (int i = 2; !ids.Add(id); i++)
                id = $"{notebook}-{Slug.Of(text)}-{i}";
            heading.GetAttributes().Id = id;
            headings.Add((heading.Level, id, text));
        }

        foreach (LinkInline link in document.Descendants<LinkInline>())
        {
            string url = link.Url ?? "", file = Path.Combine(folder, Path.GetDirectoryName(notebook)!, Uri.UnescapeDataString(url));
            link.Url = link.IsImage ? Embedded(url, file) : FromPage(url, file);
        }

        var writer = new StringWriter { NewLine = "\n" };
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<HtmlMathInlineRenderer>(new MathInlineRenderer());
        renderer.ObjectRenderers.Replace<HtmlMathBlockRenderer>(new MathBlockRenderer());
        renderer.Render(document);
        return (writer.ToString(), headings);
    }

    private static string PlainText(MarkdownObject inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        MathInline math => math.Content.ToString(),
        _ => "",
    };

    private static string Embedded(string url, string file)
    {
        if (url.StartsWith("data:"))
            return url;
        string mime = Path.GetExtension(url).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".webp" => "image/webp",
            ".svg" => "image/svg+xml",
            ".jpg" or ".jpeg" => "image/jpeg",
            _ => throw new FormatException($"the image {url} is not a png, webp, svg or jpeg file"),
        };
        return File.Exists(file)
            ? $"data:{mime};base64,{Convert.ToBase64String(File.ReadAllBytes(file))}"
            : throw new FormatException($"the image file {url} does not exist");
    }

    /// <summary>A link to another notebook leads to its place on the page, one to a file starts from the page's folder.</summary>
    private string FromPage(string url, string file)
    {
        if (url.StartsWith('#') || Uri.IsWellFormedUriString(url, UriKind.Absolute))
            return url;
        return url.EndsWith(".ipynb", StringComparison.Ordinal)
            ? "#" + Notebook.NameOf(Path.GetFullPath(file))
            : Path.GetRelativePath(place, file).Replace(Path.DirectorySeparatorChar, '/');
    }

    private static string MathMl(string tex, bool display)
    {
        try
        {
            return TexMath.ToMathMl(tex, display);
        }
        catch (FormatException e)
        {
            throw new FormatException($"the formula {tex.Trim()} cannot be shown: {e.Message}", e);
        }
    }

    private sealed class MathInlineRenderer : HtmlObjectRenderer<MathInline>
    {
        protected override void Write(HtmlRenderer renderer, MathInline math) => renderer.Write(MathMl(math.Content.ToString(), math.DelimiterCount > 1));
    }

    private sealed class MathBlockRenderer : HtmlObjectRenderer<MathBlock>
    {
        protected override void Write(HtmlRenderer renderer, MathBlock math) =>
            renderer.EnsureLine().Write("<div class=\"formula\">").Write(MathMl(math.Lines.ToString(), display: true)).WriteLine("</div>");
    }
}

/// <summary>A text as part of a file name or an element's id.</summary>
internal static partial class Slug
{
    private const int Longest = 60;

    /// <summary>Small letters and digits, all else a single hyphen; never empty, and never cut within a word.</summary>
    public static string Of(string text)
    {
        string kept = Other().Replace(text.ToLowerInvariant(), "-").Trim('-');
        if (kept.Length > Longest)
            kept = kept.LastIndexOf('-', Longest) is > 0 and int end ? kept[..end] : kept[..Longest];
        return kept.Length > 0 ? kept : "untitled";
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
