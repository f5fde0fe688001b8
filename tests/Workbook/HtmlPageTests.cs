using System.Text.RegularExpressions;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;
using C2FVL.Workbook.Pages;

namespace C2FVL.Tests.Workbook;

public sealed class HtmlPageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HtmlPage page;

    public HtmlPageTests() => page = new HtmlPage(folder["notebooks"], folder["data", "out"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_page_holds_everything_and_asks_the_network_for_nothing()
    {
        Directory.CreateDirectory(folder["notebooks"]);
        File.WriteAllBytes(folder["notebooks", "dot.png"], [1, 2, 3]);
        File.WriteAllBytes(folder["notebooks", "dot.webp"], [1, 2, 3]);
        NotebookCell code = TestNotebooks.Code("var text = \"<b>\"; // note");
        code.Outputs = [
            CellOutputs.Stream("stdout", "1 < 2\n"),
            CellOutputs.Display(new Dictionary<string, string> { ["text/html"] = "<p>shown</p><style>\n.dni-code-hint { }\n</style>", ["text/plain"] = "shown" }, 1),
            CellOutputs.Display(new Dictionary<string, string> { ["image/png"] = "AQID", ["text/plain"] = "a dot" }, null),
        ];
        Notebook notebook = TestNotebooks.Of("01-test", TestNotebooks.Markdown("# One\n\n## Part $x^2$\n\n![dot](dot.png) ![another](dot.webp) [two](02-two.ipynb) [solved](solutions/01-test.ipynb) [code](../lib/A.cs) [paper](https://example.org)\n\n$$\\frac{a}{b}$$\n"), code);

        string html = page.Render([notebook], Scale.Phantom);

        Assert.DoesNotMatch(new Regex(@"(src|srcset|poster)\s*=\s*[""']?\s*(https?:|//)|<link[^>]+https?:|url\(\s*[""']?https?:|@import", RegexOptions.IgnoreCase), html);
        Assert.Contains("default-src 'none'", html);
        Assert.Contains("src=\"data:image/webp;base64,AQID\"", html);
        Assert.Contains("src=\"data:image/png;base64,AQID\" ", html.Replace("alt", " alt").Replace("/>", " />"));
        Assert.Contains("<a href=\"#02-two\">", html);
        Assert.Contains("<a href=\"#solutions/01-test\">", html);
        Assert.Contains("<a href=\"../../lib/A.cs\">", html);
        Assert.Contains("<a href=\"https://example.org\">", html);
        Assert.Contains("<mfrac>", html);
        Assert.Contains("<msup><mi>x</mi><mn>2</mn></msup>", html);
        Assert.Contains("<span class=\"str\">&quot;&lt;b&gt;&quot;</span>", html);
        Assert.Contains("<span class=\"com\">// note</span>", html);
        Assert.Contains("1 &lt; 2", html);
        Assert.Contains("<p>shown</p></div>", html);
        Assert.Contains("alt=\"a dot\"", html);
        Assert.Contains("these numbers are not results", html);
        Assert.Contains("prefers-color-scheme:dark", html);
        foreach (Match link in Regex.Matches(html, "<li><a href=\"#([^\"]+)\">"))
            Assert.Single(Regex.Matches(html, $" id=\"{link.Groups[1].Value}\""));
        Assert.Equal(2, Regex.Count(html, "<li><a href"));
    }

    [Fact]
    public void Plotly_is_on_the_page_only_where_a_chart_needs_it()
    {
        NotebookCell cell = TestNotebooks.Code("1");
        Assert.DoesNotContain("<script", page.Render([TestNotebooks.Of("01-a", cell)], Scale.Mini));

        cell.Outputs = [CellOutputs.Display(new Dictionary<string, string> { ["text/html"] = "<figure data-c2fvl=\"a\"></figure>" }, null)];
        string html = page.Render([TestNotebooks.Of("01-a", cell), TestNotebooks.Of("02-b", cell)], Scale.Mini);

        Assert.Single(Regex.Matches(html, "<script id="));
    }

    [Theory]
    [InlineData(@"text $\foo$", @"\foo is not known")]
    [InlineData("![a](gone.png)", "gone.png")]
    [InlineData("![a](https://example.org/a.png)", "a.png")]
    public void What_cannot_be_shown_is_told_with_its_cell(string markdown, string message)
    {
        CellFault fault = Assert.Single(page.Check(TestNotebooks.Of("01-test", TestNotebooks.Code("1"), TestNotebooks.Markdown(markdown))));

        Assert.StartsWith("01-test, cell 2: ", fault.ToString());
        Assert.Contains(message, fault.Message);
    }
}
