using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Workbook;

/// <summary>
/// The page of the whole workbook in a real browser. Opt-in: C2FVL_CHROMIUM names Chromium's executable, and README
/// command one has been run, which makes the page.
/// </summary>
public sealed class PageInBrowserTests
{
    // Watches the page from its first moment, then measures what a reader would see.
    private const string Watch = """
        <script>
          window.seen = { errors: [], requests: [], blocked: [] };
          console.error = (...words) => seen.errors.push(words.join(" "));
          window.addEventListener("error", e => seen.errors.push(String(e.message)), true);
          document.addEventListener("securitypolicyviolation", e => seen.blocked.push(e.blockedURI));
        </script>
        """;

    private const string Measure = """
        <script>
          window.addEventListener("load", () => setTimeout(() => {
            const hidden = list => [...list].filter(e => { const r = e.getBoundingClientRect(); return r.width < 2 || r.height < 2; }).length;
            const plots = document.querySelectorAll(".js-plotly-plot .main-svg:first-of-type");
            const maths = document.querySelectorAll("math");
            const images = [...document.querySelectorAll("img")].filter(i => i.offsetParent !== null);
            seen.requests = performance.getEntriesByType("resource").map(r => r.name).filter(n => !n.startsWith("data:") && !n.startsWith("blob:") && !n.startsWith("file:"));
            seen.plots = plots.length; seen.hiddenPlots = hidden(plots);
            seen.maths = maths.length; seen.hiddenMaths = hidden(maths);
            seen.images = images.length; seen.hiddenImages = hidden(images) + images.filter(i => i.naturalWidth === 0).length;
            const out = document.createElement("script"); out.type = "application/json"; out.id = "measured";
            out.textContent = JSON.stringify(seen); document.body.appendChild(out);
          }, 3000));
        </script>
        """;

    [Fact]
    public void EveryFigureAndFormulaIsVisibleWithoutErrorsOrRequests()
    {
        string? chromium = Environment.GetEnvironmentVariable("C2FVL_CHROMIUM");
        Assert.SkipWhen(string.IsNullOrEmpty(chromium), "opt-in: set C2FVL_CHROMIUM to Chromium's executable");
        string page = Path.Combine(SharedData.Repository, "data", "out", "phantom", "workbook.html");
        Assert.SkipUnless(File.Exists(page), $"needs {page}: run README command one first");

        using var folder = new TemporaryFolder();
        string html = File.ReadAllText(page);
        File.WriteAllText(folder["page.html"], html.Replace("<head>", "<head>" + Watch).Replace("</body>", Measure + "</body>"));
        string dom = Dom(chromium!, folder["page.html"], folder["profile"]);

        Match measured = Regex.Match(dom, "id=\"measured\">(.*?)</script>", RegexOptions.Singleline);
        Assert.True(measured.Success, "the page was not measured");
        JsonElement seen = JsonDocument.Parse(measured.Groups[1].Value).RootElement;
        Assert.Equal("[]", seen.GetProperty("errors").GetRawText());
        Assert.Equal("[]", seen.GetProperty("blocked").GetRawText());
        Assert.Equal("[]", seen.GetProperty("requests").GetRawText());
        foreach (string kind in new[] { "Plots", "Maths", "Images" })
        {
            Assert.True(seen.GetProperty(kind.ToLowerInvariant()).GetInt32() > 0, $"no {kind} on the page");
            Assert.Equal(0, seen.GetProperty("hidden" + kind).GetInt32());
        }
    }

    private static string Dom(string chromium, string page, string profile)
    {
        var start = new ProcessStartInfo(chromium) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={profile}", "--window-size=1200,2000", "--virtual-time-budget=60000", "--dump-dom", "file://" + page })
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string dom = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return dom;
    }
}
