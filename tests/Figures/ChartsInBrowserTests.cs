using System.Text.Json;
using C2FVL.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Figures;

/// <summary>Every kind of chart in a real browser, at three widths and in both themes: nothing overlaps, nothing is cut.</summary>
public sealed class ChartsInBrowserTests
{
    public static TheoryData<int, bool> Views => new() { { 1400, false }, { 1400, true }, { 800, false }, { 800, true }, { 400, false }, { 400, true } };

    // Boxes of a panel's words in page pixels; for words that are turned, of their turned outline.
    internal const string Measure = """
        (() => {
          const box = e => { const r = e.getBoundingClientRect(); return { what: e.textContent.trim().slice(0, 60), left: r.left, top: r.top, right: r.right, bottom: r.bottom, turned: /rotate\((?!0[,)])/.test(e.getAttribute('transform') || '') }; };
          const all = (root, selector) => [...root.querySelectorAll(selector)].filter(e => e.textContent.trim() && e.getBoundingClientRect().width > 0).map(box);
          return [...document.querySelectorAll('[data-c2fvl]')].map(figure => ({
            name: figure.querySelector('img').alt.slice(0, 40),
            pictureHidden: figure.querySelector('img').offsetParent === null,
            panels: [...figure.querySelectorAll('.js-plotly-plot')].map(plot => {
              const cell = plot.parentElement, r = cell.getBoundingClientRect();
              return {
                left: r.left, right: r.right, top: r.top, bottom: r.bottom,
                plot: box(plot.querySelector('.nsewdrag')),
                bars: plot.querySelectorAll('.bars path').length, points: plot.querySelectorAll('.points path,.js-line').length,
                titles: all(cell, '.c2fvl-title'), legend: all(cell, '.c2fvl-legend button'),
                x: all(plot, '.xtick text'), y: all(plot, '.ytick text'), axes: all(plot, '.xtitle,.ytitle'),
                words: all(plot, '.textpoint text,.bartext')
              };
            })
          }));
        })()
        """;

    [Theory]
    [MemberData(nameof(Views))]
    public async Task NothingOverlapsOrIsCut(int width, bool dark)
    {
        using var folder = new TemporaryFolder();
        Chart[] charts = [.. Samples.All.OfType<Chart>()];
        string body = string.Concat(charts.Select(chart => chart.ToHtml())) + Samples.Grid.ToHtml();
        File.WriteAllText(folder["page.html"], $"""
            <!DOCTYPE html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            {PlotlyScript.Element}</head><body style="margin:8px">{body}</body></html>
            """);
        await using Browser browser = await Browser.Start(folder["profile"], width, dark);

        await browser.Open(folder["page.html"], "document.querySelectorAll('.js-plotly-plot .nsewdrag').length == " + (charts.Length + Samples.Grid.Panels.Count));
        JsonElement figures = await browser.Evaluate(Measure);
        if (Environment.GetEnvironmentVariable("C2FVL_SCREENSHOTS") is { Length: > 0 } pictures)
            await browser.Screenshot(Path.Combine(pictures, $"charts-{width}-{(dark ? "dark" : "light")}.png"));

        Assert.Empty(browser.Complaints);
        Assert.Equal(charts.Length + 1, figures.GetArrayLength());
        string[] faults = [.. figures.EnumerateArray().SelectMany(Faults)];
        Assert.True(faults.Length == 0, string.Join("\n", faults));
    }

    [Fact]
    public async Task AHiddenChartIsDrawnWhenItShowsAndFollowsItsWidth()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["page.html"], $"<div id=\"outer\" style=\"display:none;width:600px\">{Samples.Forest.ToHtml()}</div>{PlotlyScript.Element}");
        await using Browser browser = await Browser.Start(folder["profile"], 800, dark: false);

        await browser.Open(folder["page.html"], "window.c2fvl && window.c2fvl.ready");
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('.main-svg').length")).GetInt32());
        await browser.Evaluate("document.getElementById('outer').style.display = 'block'");
        await browser.Until("document.querySelector('.nsewdrag')");
        await browser.Evaluate("document.getElementById('outer').style.width = '300px'");
        await browser.Until("document.querySelector('.main-svg').getBoundingClientRect().width == 300");
        await browser.Evaluate("document.querySelector('.c2fvl-legend button').click()");
        await browser.Until("document.querySelectorAll('.scatterlayer .trace').length == 2");

        Assert.Empty(browser.Complaints);
    }

    internal static IEnumerable<string> Faults(JsonElement figure)
    {
        string name = figure.GetProperty("name").GetString()!;
        if (!figure.GetProperty("pictureHidden").GetBoolean())
            yield return $"{name}: the picture still shows.";
        foreach (JsonElement panel in figure.GetProperty("panels").EnumerateArray())
        {
            (double Left, double Top, double Right, double Bottom) cell = Edges(panel);
            JsonElement plot = panel.GetProperty("plot");
            double share = (Edges(plot).Right - Edges(plot).Left) / (cell.Right - cell.Left);
            if (share < 0.7)
                yield return $"{name}: the plot has {share:P0} of its panel.";
            if (panel.GetProperty("bars").GetInt32() + panel.GetProperty("points").GetInt32() == 0)
                yield return $"{name}: nothing is drawn.";
            JsonElement[] words = [.. new[] { "titles", "legend", "x", "y", "axes", "words" }.SelectMany(kind => panel.GetProperty(kind).EnumerateArray())];
            foreach (JsonElement word in words)
            {
                (double left, double top, double right, double bottom) = Edges(word);
                if (left < cell.Left - 1 || right > cell.Right + 1 || top < cell.Top - 1 || bottom > cell.Bottom + 1)
                    yield return $"{name}: \"{What(word)}\" is cut.";
            }

            foreach (JsonElement word in panel.GetProperty("words").EnumerateArray().Where(word => Edges(word).Left < Edges(plot).Left - 4 || Edges(word).Right > Edges(plot).Right + 14))
                yield return $"{name}: \"{What(word)}\" leaves the plot.";
            JsonElement[] outside = [.. new[] { "titles", "legend", "x", "y", "axes" }.SelectMany(kind => panel.GetProperty(kind).EnumerateArray())];
            foreach (string fault in Overlaps(outside).Concat(Overlaps([.. panel.GetProperty("words").EnumerateArray()])))
                yield return $"{name}: {fault}";
            foreach (JsonElement word in outside.Where(word => Overlap(Edges(word), Edges(plot)) > 3))
                yield return $"{name}: \"{What(word)}\" lies over the plot.";
        }
    }

    private static IEnumerable<string> Overlaps(JsonElement[] words) =>
        from i in Enumerable.Range(0, words.Length)
        from k in Enumerable.Range(0, i)
        where !(Turned(words[i]) && Turned(words[k])) && Overlap(Edges(words[i]), Edges(words[k])) > 1.5
        select $"\"{What(words[k])}\" and \"{What(words[i])}\" overlap.";

    /// <summary>How deep two boxes lie in each other, in pixels.</summary>
    private static double Overlap((double Left, double Top, double Right, double Bottom) a, (double Left, double Top, double Right, double Bottom) b) =>
        Math.Min(Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left), Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));

    private static (double Left, double Top, double Right, double Bottom) Edges(JsonElement box) =>
        (box.GetProperty("left").GetDouble(), box.GetProperty("top").GetDouble(), box.GetProperty("right").GetDouble(), box.GetProperty("bottom").GetDouble());

    private static string What(JsonElement word) => word.GetProperty("what").GetString()!;

    private static bool Turned(JsonElement word) => word.GetProperty("turned").GetBoolean();
}
