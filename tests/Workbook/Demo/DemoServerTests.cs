using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Demo;

namespace C2FVL.Tests.Workbook.Demo;

/// <summary>The page's server with a network of a few steps, asked by HTTP and by a real Chromium.</summary>
[Collection(nameof(SeededTorch))]
public sealed class DemoServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();
    private RunSpec spec = null!;
    private string weights = null!;
    private DemoModel model = null!;
    private DemoServer server = null!;

    public static TheoryData<int, bool> Views =>
        new() { { 1400, false }, { 1400, true }, { 800, false }, { 800, true }, { 400, false }, { 400, true } };

    public async ValueTask InitializeAsync()
    {
        spec = TinyRun.Spec(folder["data"], train: 32, epochs: 4);
        weights = Path.Combine(new RunStore(folder["runs"]).GetOrTrain(spec, _ => { }).Folder, Trainer.BestName);
        model = DemoCommand.Open(weights, folder["none"], default);
        server = await DemoServer.Start(model, 0);
        http.BaseAddress = server.Address;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task TheAnswerIsTheLibrarysOwnPrediction()
    {
        DemoImage image = model.Images[0];
        LesionReport report =
            LesionReport.Parse("Bilateral pulmonary infection, two infected areas, upper left lung and lower right "
            + "lung.");
        JsonElement byColumns =
            await Ask(new { image = image.Id, columns = report.ToVector().Select(value => (int)value) });
        JsonElement bySentence =
            await Ask(new { image = image.Id, sentence = "2 areas, upper left lung and lower right lung" });
        Assert.Equal(report.ToSentence(), bySentence.GetProperty("sentence").GetString());
        Assert.Equal(byColumns.GetProperty("with").GetRawText(), bySentence.GetProperty("with").GetRawText());

        using C2FVL.Models.SegmentationModel own = spec.Model.Create();
        Weights.Load(own, weights);
        foreach ((string name, LesionReport? given) in new[] { ("with", report), ("without", null) })
        {
            GrayImage expected = Predictor.Predict(own, image.Image, given, 32);
            JsonElement result = bySentence.GetProperty(name);
            byte[] bytes = result.GetProperty("probability").GetBytesFromBase64();
            Assert.Equal(32 * 32, bytes.Length);
            Assert.All(bytes.Zip(expected.Pixels), pair =>
                Assert.InRange(pair.First - (256 * pair.Second), -1.01, 0.01));
            BinaryMask mask = Predictor.Threshold(expected);
            Assert.Equal(100.0 * mask.Area / 1024, result.GetProperty("percent").GetDouble(), 6);
        }

        Assert.NotEqual(bySentence.GetProperty("with").GetRawText(), bySentence.GetProperty("without").GetRawText());
        Assert.Equal(4, bySentence.GetProperty("cams").GetArrayLength());
        Assert.Equal(4, model.LayerNames.Count);
    }

    [Fact]
    public async Task ASentenceThatIsNotUnderstoodIsRefusedAndAContradictionIsSaid()
    {
        JsonElement said = await Ask(new { image = model.Images[0].Id, sentence = "something in the liver" });
        Assert.Contains("unknown words: \"something\"", said.GetProperty("problem").GetString());
        said = await Ask(new { image = model.Images[0].Id, columns = new[] { 1, 1, 1, 0, 0, 0, 0, 0 } });
        Assert.Contains("It says bilateral, but names the left lung only.",
            said.GetProperty("contradictions").EnumerateArray().Select(text => text.GetString()));
        foreach (object wrong in new object[] { new { image = model.Images[0].Id, columns = new[] { 7 } },
            new { image = model.Images[0].Id, columns = new[] { 2, 1, 0, 0, 0, 0, 0, 0 } } })
            Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsJsonAsync("/ask", wrong)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await http.PostAsJsonAsync("/ask", new { image = "nobody" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await http.PostAsync("/ask", new StringContent("{", null, "application/json"))).StatusCode);
    }

    [Fact]
    public async Task AnUploadIsReadLimitedAndNeverWritten()
    {
        string[] before = Files();
        ImageFile.Write(folder["own.png"], model.Images[1].Image);
        HttpResponseMessage reply =
            await http.PostAsync("/images", new ByteArrayContent(File.ReadAllBytes(folder["own.png"])));
        JsonElement said = await reply.Content.ReadFromJsonAsync<JsonElement>();
        string id = said.GetProperty("id").GetString()!;
        Assert.Equal(model.Images[1].Image.Pixels.Select(value => Math.Floor(value * 256))
            .Select(value => Math.Min(255, value)),
            said.GetProperty("pixels").GetBytesFromBase64().Select(value => (double)value));
        Assert.Equal(JsonValueKind.Null,
            (await Ask(new { image = id })).GetProperty("with").GetProperty("dice").ValueKind);

        foreach ((byte[] bytes, HttpStatusCode status, string problem) in new[]
        {
            ("no picture"u8.ToArray(),
                HttpStatusCode.BadRequest, "The image: This is not a readable PNG, JPEG or BMP image."),
            (Array.Empty<byte>(), HttpStatusCode.BadRequest, "The image is empty."),
            (new byte[DemoServer.MostBytes + 1],
                HttpStatusCode.RequestEntityTooLarge, "The image is larger than 20 MB."),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/images") { Content = new ByteArrayContent(bytes) };
            request.Headers.ExpectContinue = true; // the answer comes before the bytes
            reply = await http.SendAsync(request);
            Assert.Equal(status, reply.StatusCode);
            Assert.StartsWith(problem,
                (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("problem").GetString());
        }

        for (int i = 0; i < 8; i++)
            await http.PostAsync("/images", new ByteArrayContent(File.ReadAllBytes(folder["own.png"])));
        Assert.Equal(HttpStatusCode.NotFound,
            (await http.PostAsJsonAsync("/ask", new { image = id })).StatusCode); // only the last are kept
        Assert.Equal(before.Append(folder["own.png"]).Order(), Files());

        string[] Files() => [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Order()];
    }

    [Fact]
    public async Task OnlyThisMachinesOwnPageIsAnswered()
    {
        Assert.Equal("127.0.0.1", server.Address.Host);
        foreach ((string header, string value) in new[] { ("Host", "evil.example"),
            ("Origin", "https://evil.example"), ("Origin", "null") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.TryAddWithoutValidation(header, value);
            Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(request)).StatusCode);
        }

        foreach (IPAddress address in Dns.GetHostAddresses(Dns.GetHostName(), AddressFamily.InterNetwork)
            .Where(address => !IPAddress.IsLoopback(address)))
        {
            using var socket = new TcpClient();
            await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(address, server.Address.Port));
        }
    }

    [Fact]
    public async Task ATakenPortIsSaid()
    {
        IOException error = await Assert.ThrowsAsync<IOException>(() => DemoServer.Start(model, server.Address.Port));
        Assert.StartsWith($"Port {server.Address.Port} of 127.0.0.1 cannot be used", error.Message);
        Assert.EndsWith("Choose another with --port.", error.Message);
    }

    [Fact]
    public async Task QuestionsTakeTurnsAndOneThatWasGivenUpIsPassedOver()
    {
        using var stop = new CancellationTokenSource();
        Task<DemoAnswer>[] asked =
            [.. Enumerable.Range(0, 6)
            .Select(i => model.Ask(model.Images[0], model.Images[0].Report, i == 5 ? stop.Token : default))];
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[5]);
        DemoAnswer[] answers = await Task.WhenAll(asked[..5]);
        Assert.All(answers, answer => Assert.Equal(answers[0].With.Pixels, answer.With.Pixels));
    }

    [Fact]
    public void TrackedWeightsGoFirstAndNetworksWithoutTextAreRefused()
    {
        Directory.CreateDirectory(folder["tracked", "c2fvl"]);
        File.Copy(weights, folder["tracked", "c2fvl", "w.safetensors"]);
        using DemoModel tracked = DemoCommand.Open(null, folder["tracked"], default);
        Assert.StartsWith("Tracked weights ", tracked.About);

        RunSpec textless = TinyRun.Spec(folder["data"]) with { Text = TextMode.Missing };
        string file = Path.Combine(new RunStore(folder["runs"]).GetOrTrain(textless, _ => { }).Folder,
            Trainer.BestName);
        Assert.Contains("was trained without reports (text Missing), so no report changes its masks",
            Assert.Throws<ArgumentException>(() => DemoCommand.Open(file, folder["tracked"], default)).Message);
        Assert.Contains("there is no such file",
            Assert.Throws<FileNotFoundException>(() => DemoCommand.Open(folder["x"], folder["tracked"], default))
            .Message);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task EverythingShowsAndNothingIsCutAtAnyWidth(int width, bool dark)
    {
        await using Browser browser = await Open(width, dark);
        Assert.Equal("""{"painted":7,"cut":[],"wide":false,"small":[]}""", (await browser.Evaluate("""
            (() => {
              const shown = [...document.querySelectorAll('#answer figure canvas')];
              const painted = shown.filter(c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return new Set(d.filter((_, i) => i % 4 === 0)).size > 8; }).length;
              const cut = [...document.querySelectorAll('button,legend,figcaption,label,p,h1,h2')].filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')).map(e => e.textContent.trim());
              const small = [...document.querySelectorAll('button,textarea,input[type=number]')].filter(e => e.getBoundingClientRect().height < 30).map(e => e.id || e.textContent);
              return JSON.stringify({ painted: painted - 0, cut, wide: document.documentElement.scrollWidth > innerWidth, small });
            })()
            """)).GetString());
        if (Environment.GetEnvironmentVariable("C2FVL_SCREENSHOTS") is { Length: > 0 } pictures)
            await browser.Screenshot(Path.Combine(pictures, $"demo-{width}-{(dark ? "dark" : "light")}.png"));
        Assert.Empty(Complaints(browser));
    }

    [Fact]
    public async Task SwitchesSentenceAndMasksFollowEachOther()
    {
        await using Browser browser = await Open(1400, dark: false);
        Assert.Equal(model.Images[0].Report!.ToSentence(),
            await Text(browser, "document.getElementById('sentence').value"));
        await browser.Evaluate("document.getElementById('none').click()");
        await browser.Until("document.getElementById('status').textContent.startsWith('The network gets no "
            + "report.')");
        Assert.Equal(await Text(browser, "document.getElementById('without-text').textContent"),
            await Text(browser, "document.getElementById('with-text').textContent"));

        await browser.Evaluate("document.querySelector('[data-zone=\"2\"]').click(); "
            + "document.querySelector('[data-zone=\"7\"]').click()");
        await browser.Until("document.getElementById('sentence').value == 'Bilateral pulmonary infection, two "
            + "infected areas, upper left lung and lower right lung.'");
        await browser.Evaluate("document.getElementById('mirror').click()");
        await browser.Until("document.getElementById('sentence').value == 'Bilateral pulmonary infection, two "
            + "infected areas, lower left lung and upper right lung.'");

        await Write(browser, "unilateral, three areas, all right lung");
        await browser.Until("document.getElementById('status').textContent.includes('three infected areas, all right "
            + "lung')");
        Assert.Equal("false 3 567",
            await Text(browser, "document.getElementById('bilateral').checked + ' ' + "
            + "document.getElementById('areas').value + ' ' + "
            + "[...document.querySelectorAll('[aria-pressed=true]')].map(b => b.dataset.zone).join('')"));
        await Write(browser, "one hot area");
        await browser.Until("document.getElementById('status').textContent.includes('an unknown word: \"hot\"')");
        Assert.Equal("true", await Text(browser, "document.getElementById('status').classList.contains('bad') + ''"));
        Assert.Empty(Complaints(browser));
    }

    [Fact]
    public async Task NoMaskOfAnotherSentenceOrImageIsShown()
    {
        await using Browser browser = await Open(1400, dark: false);
        const string texts = "document.getElementById('with-text').textContent + '|' + "
            + "document.getElementById('without-text').textContent";
        string without = await Text(browser, "document.getElementById('without-text').textContent");
        await Write(browser, "one hot area");
        await browser.Until("document.getElementById('status').classList.contains('bad')");
        Assert.Equal("no answer yet|" + without, await Text(browser, texts));

        await browser.Evaluate("images.get('2').sentence = 'one cold area'; "
            + "document.querySelectorAll('#images input')[1].click()");
        await browser.Until("!document.body.classList.contains('busy') && "
            + "document.getElementById('status').textContent.includes('cold')");
        Assert.Equal("no answer yet|no answer yet", await Text(browser, texts));
        await Write(browser, "left lung");
        await browser.Until($"({texts}).startsWith('the lesion covers') && !({texts}).includes('no answer')");
        Assert.Empty(Complaints(browser));
    }

    [Fact]
    public async Task AllOfItWorksByKeyboard()
    {
        await using Browser browser = await Open(1400, dark: false);
        await browser.Evaluate("document.querySelector('#images input').focus()");
        await browser.Press("ArrowRight", 39);
        await browser.Until($"document.querySelectorAll('#images input')[1].checked && "
            + "document.getElementById('sentence').value == "
            + $"{JsonSerializer.Serialize(model.Images[1].Report!.ToSentence())}");
        var reached = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            await browser.Press("Tab", 9);
            string focused = await Text(
                browser, "(document.activeElement.id || document.activeElement.dataset.zone || "
                + "document.activeElement.type || '') + ''");
            reached.Add(focused);
            Assert.True(focused.Length == 0
                || (await Text(browser, "document.activeElement === document.body || "
                + "getComputedStyle(document.activeElement).outlineStyle != 'none' ? 'seen' : "
                + "document.activeElement.id")) == "seen", $"{focused} has the focus and does not show it");
            if (focused == "4")
            {
                string pressed = await Text(browser, "document.activeElement.getAttribute('aria-pressed')");
                await browser.Press(" ", 32);
                await browser.Until($"document.querySelector('[data-zone=\"4\"]').getAttribute('aria-pressed') != "
                    + $"'{pressed}'");
            }
        }

        Assert.Superset(new HashSet<string> { "file", "sentence", "correct", "mirror", "none", "bilateral", "areas", "2", "5", "3", "6", "4", "7", "show-truth" }, reached);
    }

    [Fact]
    public async Task ADroppedPictureIsAsked()
    {
        ImageFile.Write(folder["own.png"], model.Images[2].Image);
        await using Browser browser = await Open(1400, dark: false);
        await browser.Evaluate($$"""
            (() => {
              const bytes = Uint8Array.from(atob('{{Convert.ToBase64String(File.ReadAllBytes(folder["own.png"]))}}'), c => c.charCodeAt(0));
              const data = new DataTransfer();
              data.items.add(new File([bytes], 'own.png', { type: 'image/png' }));
              document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
            })()
            """);
        await browser.Until($"document.querySelectorAll('#images input').length == {model.Images.Count + 1} && "
            + "document.querySelector('#images label:last-child input').checked");
        await browser.Until("!document.body.classList.contains('busy') && "
            + "!document.getElementById('with-text').textContent.includes('Dice')");
        Assert.Matches("^the lesion covers [0-9.]+ % of the image$",
            await Text(browser, "document.getElementById('with-text').textContent"));
        Assert.Empty(Complaints(browser));
    }

    private async Task<Browser> Open(int width, bool dark)
    {
        Browser browser = await Browser.Start(folder[Guid.NewGuid().ToString("n")], width, dark);
        await browser.Open(server.Address.AbsoluteUri, "document.body.dataset.answered");
        return browser;
    }

    private string[] Complaints(Browser browser) =>
        [.. browser.Complaints.Where(complaint => !complaint.StartsWith("requested " + server.Address.AbsoluteUri))];

    private static Task Write(Browser browser, string sentence) => browser.Evaluate(
        $"(() => {{ const s = document.getElementById('sentence'); s.value = {JsonSerializer.Serialize(sentence)}; "
            + $"s.dispatchEvent(new Event('input')); }})()");

    private static async Task<string> Text(Browser browser, string expression) =>
        (await browser.Evaluate(expression)).GetString()!;

    private async Task<JsonElement> Ask(object question)
    {
        HttpResponseMessage reply = await http.PostAsJsonAsync("/ask", question);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        return await reply.Content.ReadFromJsonAsync<JsonElement>();
    }
}
