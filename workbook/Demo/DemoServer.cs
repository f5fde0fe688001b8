using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Workbook.Prediction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace C2FVL.Workbook.Demo;

/// <summary>
/// The page and its questions, on 127.0.0.1 alone. Requests that another site's page sends are refused, and so are
/// those
/// under another name than this machine's own. Uploaded pictures stay in memory, the last few of them.
/// </summary>
internal sealed class DemoServer : IAsyncDisposable
{
    /// <summary>The largest upload, in bytes.</summary>
    public const int MostBytes = 20 << 20;

    private const int MostUploads = 8;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly DemoModel model;
    private readonly WebApplication app;
    private readonly LinkedList<DemoImage> uploads = new();
    private readonly Lock gate = new();
    private int uploaded;

    private DemoServer(DemoModel model, int port)
    {
        this.model = model;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // Ctrl+C is the command's
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.AddServerHeader = false;
        });
        app = builder.Build();
        app.Use(Guard);
        app.MapGet("/", () => Results.Content(Page(), "text/html; charset=utf-8"));
        app.MapPost("/images", Upload);
        app.MapPost("/ask", Ask);
    }

    /// <summary>The page's address.</summary>
    public Uri Address => new(app.Urls.Single());

    /// <param name="model">The network; the caller disposes it after the server.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DemoServer> Start(DemoModel model, int port)
    {
        var server = new DemoServer(model, port);
        try
        {
            await server.app.StartAsync();
            return server;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new IOException($"Port {port} of 127.0.0.1 cannot be used: {e.Message} Choose another with --port.",
                e);
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    /// <summary>
    /// A page of another site can send requests here, and by a name of its own that leads here it could read the
    /// answers.
    /// So only this machine's names are answered, and only pages from here may ask.
    /// </summary>
    private static async Task Guard(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string own = $"http://{request.Host.Value}";
        string? origin = request.Headers.Origin;
        if (request.Host.Host is not ("127.0.0.1" or "localhost") || (origin is not null && origin != own))
        {
            await Refuse(StatusCodes.Status403Forbidden, "Only this program's own page may send "
                + "requests.").ExecuteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await Refuse(e.StatusCode, $"The image is larger than {MostBytes >> 20} MB. Save it at a smaller size.")
                .ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page has asked something newer.
        }
    }

    private async Task<IResult> Upload(HttpRequest request)
    {
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        if (bytes.Length == 0)
            return Refuse(StatusCodes.Status400BadRequest, "The image is empty. Choose a PNG, JPEG or BMP file.");
        try
        {
            GrayImage picture = ImageFile.Read("The image", bytes.ToArray());
            var image = new DemoImage($"own-{Interlocked.Increment(ref uploaded)}", "Your image",
                Resize.Area(picture, model.Side), null, null);
            lock (gate)
            {
                uploads.AddLast(image);
                if (uploads.Count > MostUploads)
                {
                    model.Forget(uploads.First!.Value.Id);
                    uploads.RemoveFirst();
                }
            }

            return Results.Json(Shown(image), Json);
        }
        catch (InvalidDataException e)
        {
            return Refuse(StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private async Task<IResult> Ask(HttpRequest request)
    {
        DemoQuestion? question;
        try
        {
            question = await request.ReadFromJsonAsync<DemoQuestion>(Json, request.HttpContext.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Refuse(StatusCodes.Status400BadRequest, "The request is not valid JSON from this page.");
        }

        if (Find(question?.Image) is not DemoImage image)
            return Refuse(StatusCodes.Status404NotFound, "This image is no longer in memory. Choose or drop it again.");
        LesionReport? report = null;
        TypedReport? typed = null;
        try
        {
            if (question!.Columns is { Length: > 0 } columns)
                report = LesionReport.FromVector(Array.ConvertAll(columns, value => (float)value));
            else if (!string.IsNullOrWhiteSpace(question.Sentence))
            {
                if (!TypedReport.TryRead(question.Sentence, out typed, out string? problem))
                    return Refuse(StatusCodes.Status200OK, problem); // half a sentence is no error of the page's
                report = typed.Report;
            }
        }
        catch (ArgumentException e)
        {
            return Refuse(StatusCodes.Status400BadRequest, e.Message);
        }

        DemoAnswer answer = await model.Ask(image, report, request.HttpContext.RequestAborted);
        return Results.Json(
            new
            {
                sentence = report?.ToSentence(),
                assumed = typed?.Assumed ?? [],
                columns = report is null ? null : Array.ConvertAll(report.ToVector(), value => (int)value),
                contradictions = report?.Contradictions() ?? [],
                with = Result(answer.With, image.Truth),
                without = Result(answer.Without, image.Truth),
                cams = answer.Cams.Select(Bytes),
                milliseconds = (int)(1000 * answer.Seconds),
            },
            Json);
    }

    private DemoImage? Find(string? id)
    {
        lock (gate)
            return model.Images.Concat(uploads).FirstOrDefault(image => image.Id == id);
    }

    private static object Result(GrayImage probability, BinaryMask? truth)
    {
        BinaryMask mask = Predictor.Threshold(probability);
        long both = truth is null ? 0 : mask.Pixels.Zip(truth.Pixels, (p, t) => p & t).Sum(pixel => (long)pixel);
        return new
        {
            probability = Bytes(probability),
            percent = 100.0 * mask.Area / mask.Pixels.Length,
            dice = truth is null ? (double?)null : new Overlap(both, mask.Area, truth.Area).Dice,
        };
    }

    /// <summary>An image as the page takes it.</summary>
    private static object Shown(DemoImage image) => new
    {
        id = image.Id,
        caption = image.Caption,
        pixels = Bytes(image.Image),
        truth = image.Truth is BinaryMask truth ? Convert.ToBase64String(truth.Pixels) : null,
        sentence = image.Report?.ToSentence(),
    };

    /// <summary>
    /// A byte a pixel, in Base64. One half stays at or above 128, so that the page's threshold is the library's.
    /// </summary>
    private static string Bytes(GrayImage map) =>
        Convert.ToBase64String(
            Array.ConvertAll(map.Pixels, value => (byte)Math.Clamp(Math.Floor(value * 256), 0, 255)));

    private static IResult Refuse(int status, string problem) =>
        Results.Json(new { problem }, Json, statusCode: status);

    private string Page()
    {
        string state = JsonSerializer.Serialize(
            new
            {
                side = model.Side,
                images = model.Images.Select(Shown),
                layers = model.LayerNames,
                heat = Enumerable.Range(0, 256).Select(i => Palette.Hex(ColorMap.Inferno.At(i / 255.0))),
                prediction = Palette.Hex(Palette.Prediction),
                truth = Palette.Hex(Palette.Truth),
                mostAreas = LesionReport.MostAreas,
                mostBytes = MostBytes,
            },
            Json).Replace("<", "\\u003c", StringComparison.Ordinal);
        return Resource("page.html")
            .Replace("{{style}}", Resource("page.css"))
            .Replace("{{about}}", WebUtility.HtmlEncode(model.About))
            .Replace("{{network}}",
                WebUtility.HtmlEncode(
                string.Create(CultureInfo.InvariantCulture, $"{model.Spec.Model.Name}, {model.Side} x {model.Side}")))
            .Replace("{{scale}}", model.Spec.Data.IsPhantom ? "Drawn images, for demonstration only."
                : "Not for clinical use.")
            .Replace("{{state}}", state)
            .Replace("{{script}}", Resource("page.js"));
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(DemoServer).Assembly.GetManifestResourceStream("demo-" + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>What the page asks.</summary>
    /// <param name="Image">The image's id.</param>
    /// <param name="Sentence">The report as a sentence; empty for none.</param>
    /// <param name="Columns">The report as the annotations' eight columns; goes before the sentence.</param>
    private sealed record DemoQuestion(string? Image, string? Sentence, int[]? Columns);

    /// <summary>Leaves the console's signals alone.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
