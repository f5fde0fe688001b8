using System.Text.Json;
using C2FVL.Tests.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Workbook;

/// <summary>The page of the whole workbook in a real browser, where README command one has been run, which makes the page.</summary>
public sealed class PageInBrowserTests
{
    private const string Count = """
        (() => {
          const hidden = list => [...list].filter(e => { const r = e.getBoundingClientRect(); return r.width < 2 || r.height < 2; }).length;
          const images = [...document.querySelectorAll('img')].filter(i => i.offsetParent !== null), maths = document.querySelectorAll('math');
          return { maths: maths.length, hiddenMaths: hidden(maths), images: images.length, hiddenImages: hidden(images) + images.filter(i => i.naturalWidth === 0).length };
        })()
        """;

    [Theory]
    [MemberData(nameof(ChartsInBrowserTests.Views), MemberType = typeof(ChartsInBrowserTests))]
    public async Task EveryFigureAndFormulaIsVisibleWithoutErrorsOrRequests(int width, bool dark)
    {
        string page = Path.Combine(SharedData.Repository, "data", "out", "phantom", "workbook.html");
        Assert.SkipUnless(File.Exists(page), $"needs {page}: run README command one first");
        using var folder = new TemporaryFolder();
        await using Browser browser = await Browser.Start(folder["profile"], width, dark);

        await browser.Open(page, "[...document.querySelectorAll('[data-c2fvl]')].every(f => f.querySelector('.nsewdrag'))");
        JsonElement figures = await browser.Evaluate(ChartsInBrowserTests.Measure);
        JsonElement seen = await browser.Evaluate(Count);
        if (Environment.GetEnvironmentVariable("C2FVL_SCREENSHOTS") is { Length: > 0 } pictures)
            await browser.Screenshot(Path.Combine(pictures, $"page-{width}-{(dark ? "dark" : "light")}.png"));

        Assert.Empty(browser.Complaints);
        foreach (string kind in new[] { "Maths", "Images" })
        {
            Assert.True(seen.GetProperty(kind.ToLowerInvariant()).GetInt32() > 0, $"no {kind} on the page");
            Assert.Equal(0, seen.GetProperty("hidden" + kind).GetInt32());
        }

        Assert.NotEqual(0, figures.GetArrayLength());
        string[] faults = [.. figures.EnumerateArray().SelectMany(ChartsInBrowserTests.Faults)];
        Assert.True(faults.Length == 0, string.Join("\n", faults));
    }
}
