using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace C2FVL.Tests.Support;

/// <summary>
/// A headless Chromium with one tab, driven by its own protocol. C2FVL_CHROMIUM names the executable; without it, the
/// ones that the system brings are looked for, and a test without any is skipped with this reason.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly Process process;
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> calls = new();
    private readonly ConcurrentQueue<string> complaints = new();
    private Task listening = Task.CompletedTask;
    private int last;

    private Browser(Process process) => this.process = process;

    /// <summary>Errors and warnings of the console, errors of scripts, and requests that were blocked or went out.</summary>
    public IReadOnlyList<string> Complaints => [.. complaints];

    /// <summary>Chromium's executable; null where there is none.</summary>
    public static string? Executable { get; } = new[] { Environment.GetEnvironmentVariable("C2FVL_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(path => !string.IsNullOrEmpty(path) && File.Exists(path));

    public static async Task<Browser> Start(string profile, int width, bool dark)
    {
        Assert.SkipWhen(Executable is null, "needs Chromium: install Debian's chromium, or set C2FVL_CHROMIUM to its executable");
        var start = new ProcessStartInfo(Executable!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in new[] { "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank" })
            start.ArgumentList.Add(argument);
        var browser = new Browser(Process.Start(start)!);
        browser.process.ErrorDataReceived += (_, _) => { };
        browser.process.BeginErrorReadLine();
        string ports = Path.Combine(profile, "DevToolsActivePort");
        var patience = Stopwatch.StartNew();
        while (!File.Exists(ports) || File.ReadAllLines(ports) is not [_, _, ..])
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60))
                throw new TimeoutException("Chromium did not start within a minute.");
            await Task.Delay(50);
        }

        using var http = new HttpClient();
        JsonElement tabs = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{File.ReadAllLines(ports)[0]}/json/list");
        string address = tabs.EnumerateArray().First(tab => tab.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        await browser.socket.ConnectAsync(new Uri(address), default);
        browser.listening = browser.Listen();
        await browser.Call("Runtime.enable");
        await browser.Call("Log.enable");
        await browser.Call("Network.enable");
        await browser.Call("Emulation.setDeviceMetricsOverride", new { width, height = 1000, deviceScaleFactor = 1, mobile = false });
        await browser.Call("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = dark ? "dark" : "light" } } });
        return browser;
    }

    /// <summary>Opens a file and waits until the condition holds, and two frames more.</summary>
    public async Task Open(string file, string condition)
    {
        await Call("Page.navigate", new { url = new Uri(file).AbsoluteUri });
        await Until($"document.readyState == 'complete' && ({condition})");
        await Evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    public async Task Until(string condition)
    {
        var patience = Stopwatch.StartNew();
        while (!(await Evaluate($"!!({condition})")).GetBoolean())
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"The page did not come to: {condition}. {string.Join(" ", complaints)}");
            await Task.Delay(50);
        }
    }

    /// <summary>The value of an expression of the page; a promise is awaited.</summary>
    public async Task<JsonElement> Evaluate(string expression)
    {
        JsonElement reply = await Call("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        return reply.TryGetProperty("exceptionDetails", out JsonElement error)
            ? throw new InvalidOperationException(error.GetRawText())
            : reply.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Presses a key as a user does, on what has the focus.</summary>
    /// <param name="key">Such as "Tab", "Enter", " " or "a".</param>
    /// <param name="code">The key's number, such as 9 for Tab.</param>
    public async Task Press(string key, int code)
    {
        string? text = key.Length == 1 ? key : key == "Enter" ? "\r" : null;
        object down = text is null
            ? new { type = "rawKeyDown", key, windowsVirtualKeyCode = code }
            : new { type = "keyDown", key, windowsVirtualKeyCode = code, text };
        await Call("Input.dispatchKeyEvent", down);
        await Call("Input.dispatchKeyEvent", new { type = "keyUp", key, windowsVirtualKeyCode = code });
    }

    /// <summary>The whole page as a PNG.</summary>
    public async Task Screenshot(string file)
    {
        JsonElement reply = await Call("Page.captureScreenshot", new { captureBeyondViewport = true });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, reply.GetProperty("data").GetBytesFromBase64());
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Call("Browser.close");
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        await listening;
        socket.Dispose();
        process.Dispose();
    }

    private async Task<JsonElement> Call(string method, object? parameters = null)
    {
        int id = Interlocked.Increment(ref last);
        var answer = calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { } }), WebSocketMessageType.Text, true, default);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(90));
    }

    private async Task Listen()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                using var message = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer, default);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                Take(JsonDocument.Parse(message.ToArray()).RootElement);
            }
        }
        catch (WebSocketException)
        {
            // The browser has closed.
        }

        foreach (TaskCompletionSource<JsonElement> call in calls.Values)
            call.TrySetException(new InvalidOperationException("Chromium has closed."));
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out JsonElement id) && calls.TryRemove(id.GetInt32(), out var call))
        {
            if (message.TryGetProperty("error", out JsonElement error))
                call.TrySetException(new InvalidOperationException(error.GetRawText()));
            else
                call.TrySetResult(message.GetProperty("result"));
            return;
        }

        string method = message.TryGetProperty("method", out JsonElement name) ? name.GetString()! : "";
        JsonElement body = message.TryGetProperty("params", out JsonElement given) ? given : default;
        if (method == "Runtime.exceptionThrown" || (method == "Runtime.consoleAPICalled" && body.GetProperty("type").GetString() is "error" or "warning" or "assert" or "log") || method == "Log.entryAdded")
            complaints.Enqueue(body.GetRawText());
        else if (method == "Network.requestWillBeSent" && body.GetProperty("request").GetProperty("url").GetString() is { } url && !url.StartsWith("data:") && !url.StartsWith("file:") && !url.StartsWith("blob:"))
            complaints.Enqueue("requested " + url);
    }
}
