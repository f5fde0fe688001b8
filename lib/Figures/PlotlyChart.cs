using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Plotly.NET;
using Plotly.NET.LayoutObjects;
using Plotly.NET.TraceObjects;
using static System.Net.WebUtility;

namespace C2FVL.Figures;

/// <summary>
/// A chart in Plotly.NET's own objects, with attributes under the names that Plotly's reference gives them.
/// </summary>
internal static class PlotlyChart
{
    public static GenericChart Make(Chart chart)
    {
        var frame = new ChartFrame(chart);
        Trace[] traces = [.. chart.Series.Select(series => Of(chart, frame, series)), .. Labels(chart, frame)];
        Layout layout = With(
            new Layout(),
            ("xaxis", XAxis(chart, frame)),
            ("yaxis", YAxis(chart, frame)),
            ("shapes", chart.Lines.Select(line => LineAcross(frame, line)).ToArray()),
            ("title", With(
                new Title(), ("text", Heading(chart.Title, chart.Subtitle)), ("automargin", true), ("x", 0.01),
                ("xanchor", "left"), ("xref", "container"))),
            ("legend", With(
                new Legend(), ("orientation", "h"), ("x", 0), ("xanchor", "left"), ("y", 1), ("yanchor", "bottom"))),
            ("height", chart.Height));
        GenericChart plot = Plotly.NET.CSharp.Chart.Combine(
            traces.DefaultIfEmpty(new Trace2D("scatter")).Select(trace => GenericChart.ofTraceObject(false, trace)));
        return Plotly.NET.Chart.withLayout(layout).Invoke(plot);
    }

    /// <summary>Plotly's own tags for bold, small and new line.</summary>
    public static string Heading(string title, string subtitle) => $"<b>{HtmlEncode(title)}</b>"
        + (subtitle.Length > 0 ? $"<br><span style=\"font-size:12px\">{HtmlEncode(subtitle)}</span>" : "");

    private static Trace Of(Chart chart, ChartFrame frame, Series series) => series.Kind switch
    {
        SeriesKind.Line => Line(frame, series),
        SeriesKind.Interval => Interval(chart, frame, series),
        _ => Bars(frame, series),
    };

    private static Trace Line(ChartFrame frame, Series series)
    {
        Color color = Of(frame.Color(series));
        return With(
            Named("scatter", frame, series, series.X, series.Y),
            ("mode", ChartFrame.ShowsPoints(series) ? "lines+markers" : "lines"),
            ("marker", With(new Marker(), ("color", color), ("symbol", frame.Shape(series).Symbol))),
            ("line", Stroke(color, 2, series.IsDashed ? "dash" : "solid")));
    }

    /// <summary>Bars, each at its category, and the counts of a histogram, each at its bin.</summary>
    private static Trace Bars(ChartFrame frame, Series series)
    {
        bool isHistogram = series.Kind == SeriesKind.Histogram;
        object x = isHistogram ? series.X : series.Y.Select((_, i) => HtmlEncode(frame.XCategories![i])).ToArray();
        string? format = series.ValueFormat;
        return With(
            Named("bar", frame, series, x, series.Y),
            ("marker", With(new Marker(), ("color", Of(frame.Color(series))))),
            ("opacity", isHistogram ? 0.85 : null),
            ("width", isHistogram ? series.BinWidth : null),
            ("text", format is null ? null : series.Y.Select(y => ChartFrame.Text(y, format)).ToArray()),
            ("textposition", format is null ? null : "outside"),
            ("error_y", series.Low is null ? null : Errors(series.Low, series.Y, series.High!, Of(Palette.Ink))));
    }

    private static Trace Interval(Chart chart, ChartFrame frame, Series series)
    {
        Color color = Of(frame.Color(series));
        int[] rows = [.. Enumerable.Range(0, series.X.Count)];
        double[] x = [.. series.X.Select(frame.Shown)], y = [.. rows.Select(i => frame.IntervalPosition(series, i))];
        string?[] labels = [.. rows.Select(i => frame.ValueLabel(series, i))];
        bool isLabelled = labels.Any(label => label is not null);

        // Where an arrow stands for an estimate beyond the axis, its words hold the interval.
        double[] Near(IReadOnlyList<double> ends) =>
            [.. rows.Select(i => frame.IsBeyond(series.X[i]) ? x[i] : ends[i])];
        return With(
            Named("scatter", frame, series, x, y), ("mode", isLabelled ? "markers+text" : "markers"),
            ("hovertext", rows.Select(i => double.IsNaN(series.X[i]) ? "" : Words(i)).ToArray()),
            ("text", isLabelled ? labels.Select(label => label ?? "").ToArray() : null),
            ("textposition", isLabelled ? Each("top center", "middle right", "middle left") : null),
            ("marker", With(
                new Marker(), ("color", color),
                ("symbol", Each(frame.Shape(series).Symbol, "triangle-left", "triangle-right")))),
            ("error_x", Errors(Near(series.Low!), x, Near(series.High!), color)));

        string[] Each(string inside, string low, string high) => [.. series.X.Select(value =>
            !frame.IsBeyond(value) ? inside : value < frame.XLow ? low : high)];

        string Words(int i) => $"{HtmlEncode(chart.CategoryOf(series, i))}: {Chart.Number(series.X[i])} "
            + $"[{Chart.Number(series.Low![i])}, {Chart.Number(series.High![i])}]";
    }

    /// <summary>The labels of the reference lines, each beside its line.</summary>
    private static IEnumerable<Trace> Labels(Chart chart, ChartFrame frame)
    {
        foreach ((ReferenceLine line, bool left, int row) in frame.LineLabels)
        {
            double top = frame.YCategories is null
                ? frame.YHigh - (row * frame.LabelStep)
                : frame.YLow + (row * frame.LabelStep);
            bool below = line.Vertical || frame.IsHigh(line);
            (object x, string place) = frame.XCategories is { Count: > 0 } names
                ? ((object)names[^1], "top center")
                : (line.Vertical ? line.Value : frame.XHigh,
                    $"{(below ? "bottom" : "top")} {(left ? "left" : "right")}");
            yield return With(
                new Trace2D("scatter"), ("showlegend", false), ("mode", "text"), ("x", new[] { x }),
                ("y", new[] { line.Vertical ? top : line.Value }),
                ("text", new[] { HtmlEncode(line.Label) }), ("textposition", place));
        }
    }

    private static LinearAxis XAxis(Chart chart, ChartFrame frame) => frame.XCategories is { } names
        ? With(
            new LinearAxis(), ("title", Words(chart.X)), ("type", "category"), ("showline", true), ("showgrid", false),
            ("automargin", true), ("categoryorder", "array"), ("categoryarray", names.Select(HtmlEncode).ToArray()))
        : With(
            NumberAxis(chart.X, frame.XLow, frame.XHigh), ("showgrid", true),
            ("dtick", frame.XWhole && frame.XHigh - frame.XLow < 12 ? 1 : null));

    private static LinearAxis YAxis(Chart chart, ChartFrame frame) => frame.YCategories is not { } rows
        ? With(NumberAxis(chart.Y, frame.YLow, frame.YHigh), ("showgrid", true))
        : With(
            NumberAxis(chart.Y, frame.YHigh, frame.YLow), ("showgrid", false),
            ("tickvals", Enumerable.Range(0, rows.Count).ToArray()),
            ("ticktext", rows.Select(HtmlEncode).ToArray()));

    private static LinearAxis NumberAxis(Axis axis, double first, double last) => With(
        new LinearAxis(), ("title", Words(axis)), ("type", "linear"), ("range", new[] { first, last }),
        ("showline", true), ("zeroline", false), ("automargin", true));

    private static Title Words(Axis axis) => With(new Title(), ("text", HtmlEncode(axis.Title)));

    private static Shape LineAcross(ChartFrame frame, ReferenceLine line)
    {
        (string along, string across) = line.Vertical ? ("x", "y") : ("y", "x");
        return With(
            new Shape(), ("type", "line"), ("layer", frame.LinesInFront ? "above" : "below"),
            ("line", Stroke(Of(frame.LineColor), 1.3, "dash")),
            ($"{along}0", line.Value), ($"{along}1", line.Value), ($"{along}ref", along),
            ($"{across}0", 0d), ($"{across}1", 1d), ($"{across}ref", "paper"));
    }

    private static Error Errors(
        IReadOnlyList<double> low, IReadOnlyList<double> values, IReadOnlyList<double> high, Color color) => With(
        new Error(), ("type", "data"), ("symmetric", false), ("color", color), ("thickness", 1.5),
        ("array", high.Zip(values, (end, value) => end - value).ToArray()),
        ("arrayminus", values.Zip(low, (value, end) => value - end).ToArray()));

    private static Trace Named(
        string type, ChartFrame frame, Series series, object x, IReadOnlyList<double> y) => With(
        new Trace2D(type), ("name", HtmlEncode(series.Name)), ("x", x), ("y", y),
        ("showlegend", frame.LegendItems.Any(item => item.Name == series.Name)));

    private static Line Stroke(Color color, double width, string dash) =>
        With(new Line(), ("color", color), ("width", width), ("dash", dash));

    /// <summary>The object with attributes; null omits one.</summary>
    private static T With<T>(T target, params IEnumerable<(string Name, object? Value)> attributes)
        where T : DynamicObj.DynamicObj
    {
        foreach ((string name, object? value) in attributes.Where(attribute => attribute.Value is not null))
            target.SetProperty(name, value);
        return target;
    }

    private static Color Of(SkiaSharp.SKColor color) => Color.fromHex(Palette.Hex(color));
}

/// <summary>
/// The interactive form of charts. Each chart's HTML is its static picture and a small script that hands the plot to
/// <c>figure.js</c>; without scripts, or without Plotly, the picture stays. Plotly and <c>figure.js</c> are on a page
/// once (about 0.45 MB). In a notebook the first chart of a session adds them. A host that puts <see cref="Element"/>
/// on its page sets <see cref="OnPage"/> first.
/// </summary>
/// <remarks>
/// <para>Plotly is the npm package plotly.js-basic-dist-min 2.28.0, the version that Plotly.NET 6.0.0 uses, with
/// lines, points and bars; <c>gzip -9n plotly-basic.min.js</c> makes the embedded file again. The browser unpacks it by
/// DecompressionStream and runs it in a script element, so that no host's module loader takes it.</para>
/// <para>Tested in Chromium with the workbook's page. We could not test Visual Studio Code. It
/// shows all outputs of a notebook in one frame and runs their scripts if the workspace is trusted, so the first
/// chart's script should serve the others too. If it does not, the pictures stay.</para>
/// </remarks>
public static partial class PlotlyScript
{
    /// <summary>The id of the script element.</summary>
    public const string ElementId = "c2fvl-plotly";

    /// <summary>
    /// The script element that adds Plotly if the page has none, and draws all charts, including those already there.
    /// </summary>
    public static string Element { get; } = Make();

    /// <summary>
    /// Whether the page has the script. Set it to false and the next chart adds it again, for example after the
    /// notebook is reloaded.
    /// </summary>
    public static bool OnPage { get; set; }

    /// <summary>The script element for the first chart of a session; empty for later ones.</summary>
    internal static string Once()
    {
        if (OnPage)
            return "";
        OnPage = true;
        return Element;
    }

    /// <summary>A picture that interactive plots replace where scripts run.</summary>
    /// <param name="picture">One img element, or a p element where there is no picture.</param>
    /// <param name="plots">Side by side if there is room.</param>
    /// <param name="width">The largest width, in CSS pixels.</param>
    /// <param name="columns">The largest number in a row.</param>
    /// <param name="heading">HTML above all of them.</param>
    internal static string Figure(
        string picture, IEnumerable<GenericChart> plots, int width, int columns = 1, string heading = "")
    {
        // Newtonsoft writes NaN as a word; Plotly wants null for a gap, or it may take the axis for one of names.
        string panels = string.Join(
            ",\n", plots.Select(plot => NotANumber().Replace(GenericChart.toJson(plot), "null")));
        string words = JsonSerializer.Serialize(heading);
        string content = $"{{\"columns\":{columns},\"heading\":{words},\"panels\":[{panels}]}}"
            .Replace("<", "\\u003c", StringComparison.Ordinal);
        // The content names the element, so that a rerun writes the same notebook again.
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..12];
        return $"""
            <figure data-c2fvl="{key}" style="margin:0;max-width:{width}px">{picture}<div></div></figure>
            <script>(window.c2fvl=window.c2fvl||[]).push(["{key}",{content}]);</script>
            """;
    }

    private static string Make()
    {
        string Text(string name) => Encoding.UTF8.GetString(Resource(name)).ReplaceLineEndings("\n");
        return Text("page.html").Replace("ELEMENT-ID", ElementId).Replace("LICENSE", Text("plotly-LICENSE.txt").Trim())
            .Replace("PACKED", Convert.ToBase64String(Resource("plotly-basic-2.28.0.min.js.gz")))
            .Replace("FIGURE", Text("figure.js"));
    }

    [GeneratedRegex("""(?<=[\[,:])"NaN"(?=[\],}])""")]
    private static partial Regex NotANumber();

    private static byte[] Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("C2FVL.Lib." + name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
