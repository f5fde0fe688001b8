using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;
using Plotly.NET.TraceObjects;
using Color = Plotly.NET.Color;
using New = Plotly.NET.CSharp.Chart;
using Orientation = Plotly.NET.StyleParam.Orientation;
using Style = Plotly.NET.Chart;

namespace C2FVL.Figures;

/// <summary>A chart in Plotly.NET's own terms, made with its C# chart functions.</summary>
internal static class PlotlyChart
{
    public static GenericChart Make(Chart chart)
    {
        var frame = new ChartFrame(chart);
        var traces = chart.Series.SelectMany(series => Traces(chart, frame, series)).Concat(LineLabels(chart, frame))
            .ToList();
        GenericChart plot = New.Combine(
            traces.Count > 0 ? traces : [New.Point<double, double, string>([], [], UseDefaults: false)]);
        plot = Axes(chart, frame, plot);
        plot = Style.withShapes(chart.Lines.Select(line => Shape(chart, line)), null).Invoke(plot);
        plot = Style.withTitle(
            Title.init(
                Heading(chart.Title, chart.Subtitle), null, true, null, 0.01, StyleParam.XAnchorPosition.Left,
                "container", null, null, null, null, null)).Invoke(plot);
        if (chart.Series.Any(series => series.Kind == SeriesKind.Histogram))
        {
            // Counts of several series stand in the same bins, one before the other.
            var layout = new Layout();
            layout.SetProperty("barmode", "overlay");
            plot = Style.withLayout(layout).Invoke(plot);
        }

        return plot.WithLegendStyle(
                Orientation: Orientation.Horizontal, X: 0, Y: 1, XAnchor: StyleParam.XAnchorPosition.Left,
                YAnchor: StyleParam.YAnchorPosition.Bottom)
            .WithSize(Height: chart.Height);
    }

    /// <summary>Plotly's own marks for bold, small and new line.</summary>
    public static string Heading(string title, string subtitle) => $"<b>{Html.Escape(title)}</b>"
        + (subtitle.Length > 0 ? $"<br><span style=\"font-size:12px\">{Html.Escape(subtitle)}</span>" : "");

    private static IEnumerable<GenericChart> Traces(Chart chart, ChartFrame frame, Series series) => series.Kind switch
    {
        SeriesKind.Line or SeriesKind.Scatter => Points(frame, series),
        SeriesKind.Bar => [Bars(chart, frame, series)],
        SeriesKind.Interval => Intervals(chart, frame, series),
        _ => [Histogram(frame, series)],
    };

    private static IEnumerable<GenericChart> Points(ChartFrame frame, Series series)
    {
        Color color = Of(frame.Color(series));
        bool band = series is { Low: not null, Spread: Spread.Band };
        if (band)
        {
            Color shade = Color.fromString(Palette.Hex(frame.Color(series)) + "33");
            yield return New.Line<double, double, string>(
                series.X, series.High!, Name: Html.Escape(series.Name), ShowLegend: false, LineWidth: 0,
                LineColor: color, UseDefaults: false);
            yield return New.Line<double, double, string>(
                series.X, series.Low!, Name: Html.Escape(series.Name), ShowLegend: false, LineWidth: 0,
                LineColor: color, Fill: StyleParam.Fill.ToNext_y, FillColor: shade, UseDefaults: false);
        }

        bool legend = InLegend(frame, series);
        GenericChart points = series.Kind == SeriesKind.Scatter
            ? New.Point<double, double, string>(
                series.X, series.Y, Name: Html.Escape(series.Name), ShowLegend: legend, MarkerColor: color,
                MarkerSymbol: Symbol(frame.Shape(series)), UseDefaults: false)
            : New.Line<double, double, string>(
                series.X, series.Y, ShowMarkers: ChartFrame.ShowsPoints(series), Name: Html.Escape(series.Name),
                ShowLegend: legend, MarkerColor: color, MarkerSymbol: Symbol(frame.Shape(series)), LineColor: color,
                LineWidth: 2, LineDash: Pattern(series.Dash), UseDefaults: false);
        yield return series.Low is null || band
            ? points
            : Style.withYError(Errors(series, series.Y, color)).Invoke(points);
    }

    private static GenericChart Bars(Chart chart, ChartFrame frame, Series series)
    {
        string[] words = series.ValueFormat is { } format
            ? [.. series.Y.Select(y => y.ToString(format, CultureInfo.InvariantCulture))]
            : [];
        GenericChart bars = words.Length > 0
            ? New.Column<double, string, string>(
                series.Y, Keys: Names(frame, series), Name: Html.Escape(series.Name),
                ShowLegend: InLegend(frame, series), MarkerColor: Of(frame.Color(series)), MultiText: words,
                TextPosition: StyleParam.TextPosition.Outside, UseDefaults: false)
            : New.Column<double, string, string>(
                series.Y, Keys: Names(frame, series), Name: Html.Escape(series.Name),
                ShowLegend: InLegend(frame, series), MarkerColor: Of(frame.Color(series)), UseDefaults: false);
        return series.Low is null ? bars : Style.withYError(Errors(series, series.Y, Of(Palette.Ink))).Invoke(bars);
    }

    private static IEnumerable<GenericChart> Intervals(Chart chart, ChartFrame frame, Series series)
    {
        Color color = Of(frame.Color(series));
        int[] rows = [.. Enumerable.Range(0, series.X.Count)];
        double[] y = [.. rows.Select(i => frame.IntervalPosition(series, i))];
        double[] x = [.. rows.Select(i => frame.Shown(series.X[i]))];
        string[] words = [
            .. rows.Select(
                i =>
                    double.IsNaN(series.X[i])
                        ? ""
                        : $"{Html.Escape(chart.CategoryOf(series, i))}: {Chart.Number(series.X[i])} "
                        + $"[{Chart.Number(series.Low![i])}, {Chart.Number(series.High![i])}]")];
        StyleParam.MarkerSymbol[] symbols = [.. rows.Select(i => Symbol(frame, series, i))];
        GenericChart points = New.Scatter<double, double, string>(
            x, y, StyleParam.Mode.Markers, Name: Html.Escape(series.Name), ShowLegend: InLegend(frame, series),
            MultiText: words, MarkerColor: color, MultiMarkerSymbol: symbols, UseDefaults: false);
        // Where an arrow stands for an estimate beyond the axis, its words hold the interval.
        Series near = series with
        {
            Low = [.. rows.Select(i => frame.IsBeyond(series.X[i]) ? x[i] : series.Low![i])],
            High = [.. rows.Select(i => frame.IsBeyond(series.X[i]) ? x[i] : series.High![i])],
        };
        yield return Style.withXError(Errors(near, x, color)).Invoke(points);
        string?[] labels = [.. rows.Select(i => frame.ValueLabel(series, i))];
        // With its marks once more, so that Plotly sets the words clear of them.
        if (labels.Any(label => label is not null))
            yield return New.Scatter<double, double, string>(
                x, y, StyleParam.Mode.Markers_Text, Name: Html.Escape(series.Name), ShowLegend: false,
                MultiText: labels.Select(label => label ?? "").ToArray(), MarkerColor: color,
                MultiMarkerSymbol: symbols,
                MultiTextPosition: rows.Select(
                    i =>
                        frame.IsBeyond(series.X[i])
                            ? series.X[i] > frame.XHigh
                            ? StyleParam.TextPosition.MiddleLeft
                            : StyleParam.TextPosition.MiddleRight
                            : StyleParam.TextPosition.TopCenter).ToArray(),
                UseDefaults: false);
    }

    private static GenericChart Histogram(ChartFrame frame, Series series) =>
        New.Column<double, double, string>(
            series.Y, Keys: (double[])[.. series.X], Name: Html.Escape(series.Name),
            ShowLegend: InLegend(frame, series), Opacity: frame.LegendItems.Count > 1 ? 0.55 : 0.85,
            MarkerColor: Of(frame.Color(series)), Width: series.BinWidth, UseDefaults: false);

    /// <summary>The words of the reference lines, each beside its line.</summary>
    private static IEnumerable<GenericChart> LineLabels(Chart chart, ChartFrame frame)
    {
        foreach ((ReferenceLine line, bool left, int row) in frame.LineLabels)
        {
            double top = frame.YCategories is null
                ? frame.YHigh - (row * frame.LabelStep)
                : frame.YLow + (row * frame.LabelStep);
            double y = line.Vertical ? chart.Y.Log ? Math.Pow(10, top) : top : line.Value;
            StyleParam.TextPosition position = (left, line.Vertical) switch
            {
                (true, true) => StyleParam.TextPosition.BottomLeft,
                (false, true) => StyleParam.TextPosition.BottomRight,
                _ => frame.IsHigh(line) ? StyleParam.TextPosition.BottomLeft : StyleParam.TextPosition.TopLeft,
            };
            yield return frame.XCategories is { Count: > 0 } names
                ? New.Scatter<string, double, string>(
                    [names[^1]], [y], StyleParam.Mode.Text, ShowLegend: false,
                    MultiText: (string[])[Html.Escape(line.Label)], TextPosition: StyleParam.TextPosition.TopCenter,
                    UseDefaults: false)
                : New.Scatter<double, double, string>(
                    [line.Vertical ? line.Value : chart.X.Log ? Math.Pow(10, frame.XHigh) : frame.XHigh], [y],
                    StyleParam.Mode.Text, ShowLegend: false, MultiText: (string[])[Html.Escape(line.Label)],
                    TextPosition: position, UseDefaults: false);
        }
    }

    private static GenericChart Axes(Chart chart, ChartFrame frame, GenericChart plot)
    {
        plot = frame.XCategories is { } names
            ? plot.WithXAxisStyle<double, double, string>(
                TitleText: Html.Escape(chart.X.Title), AxisType: StyleParam.AxisType.Category,
                CategoryOrder: StyleParam.CategoryOrder.Array, CategoryArray: names.Select(Html.Escape).ToArray(),
                ShowGrid: false, ShowLine: true)
            : plot.WithXAxisStyle<double, double, string>(
                TitleText: Html.Escape(chart.X.Title), AxisType: TypeOf(chart.X),
                MinMax: Tuple.Create(frame.XLow, frame.XHigh), ShowGrid: true, ShowLine: true, ZeroLine: false);
        bool rows = frame.YCategories is not null;
        plot = plot.WithYAxisStyle<double, double, string>(
            TitleText: Html.Escape(chart.Y.Title), AxisType: TypeOf(chart.Y),
            MinMax: rows ? Tuple.Create(frame.YHigh, frame.YLow) : Tuple.Create(frame.YLow, frame.YHigh),
            ShowGrid: !rows, ShowLine: true, ZeroLine: false);
        // Plotly.NET's functions for C# do not reach these settings of an axis.
        var y = new LinearAxis();
        y.SetProperty("automargin", true);
        SetLogTicks(y, chart.Y, frame.YLow, frame.YHigh);
        if (frame.YCategories is { } categories)
        {
            y.SetProperty("tickvals", Enumerable.Range(0, categories.Count).ToArray());
            y.SetProperty("ticktext", categories.Select(Html.Escape).ToArray());
        }

        var x = new LinearAxis();
        x.SetProperty("automargin", true);
        SetLogTicks(x, chart.X, frame.XLow, frame.XHigh);
        if (frame.XWhole && frame.XHigh - frame.XLow < 12)
            x.SetProperty("dtick", 1);
        return Style.withYAxis(y, null).Invoke(Style.withXAxis(x, null).Invoke(plot));
    }

    private static void SetLogTicks(LinearAxis axis, Axis description, double low, double high)
    {
        if (!description.Log)
            return;
        double[] ticks = [.. ChartFrame.LogTicks(low, high)];
        axis.SetProperty("tickvals", ticks);
        axis.SetProperty("ticktext", ticks.Select(Chart.Number).ToArray());
    }

    private static Shape Shape(Chart chart, ReferenceLine line)
    {
        double place = line.Value;
        Line stroke = Line.init(
            null, null, null, null, null, null, Of(ChartFrame.LineColor(chart)), null, null, null, null, null,
            StyleParam.DrawingStyle.Dash, null, null, null, 1.3, null, null, null);
        StyleParam.Layer layer = ChartFrame.LinesInFront(chart) ? StyleParam.Layer.Above : StyleParam.Layer.Below;
        (double x0, double x1, string xref, double y0, double y1, string yref) = line.Vertical
            ? (place, place, "x", 0d, 1d, "paper")
            : (0d, 1d, "paper", place, place, "y");
        return Plotly.NET.LayoutObjects.Shape.init<double, double, double, double>(
            null, null, null, null, null, null, null, null, null, null, layer, stroke, null, null, null, null,
            StyleParam.ShapeType.Line, null, x0, x1, null, xref, null, y0, y1, null, yref, null);
    }

    private static Error Errors(Series series, IReadOnlyList<double> values, Color color) => Error.init<double, double>(
        null, StyleParam.ErrorType.Data, false, (double[])[.. series.High!.Select((high, i) => high - values[i])],
        (double[])[.. series.Low!.Select((low, i) => values[i] - low)], null, null, null, null, null, null, null, color,
        1.5, null);

    private static bool InLegend(ChartFrame frame, Series series) =>
        frame.LegendItems.Any(item => item.Name == series.Name);

    private static string[] Names(ChartFrame frame, Series series) =>
        [.. Enumerable.Range(0, series.Y.Count).Select(i => Html.Escape(frame.XCategories![i]))];

    private static StyleParam.AxisType TypeOf(Axis axis) =>
        axis.Log ? StyleParam.AxisType.Log : StyleParam.AxisType.Linear;

    private static Color Of(SkiaSharp.SKColor color) => Color.fromHex(Palette.Hex(color));

    private static StyleParam.MarkerSymbol Symbol(ChartFrame frame, Series series, int i) =>
        !frame.IsBeyond(series.X[i])
            ? Symbol(frame.Shape(series))
            : series.X[i] > frame.XHigh ? StyleParam.MarkerSymbol.TriangleRight : StyleParam.MarkerSymbol.TriangleLeft;

    private static StyleParam.MarkerSymbol Symbol(Marker marker) => marker switch
    {
        Marker.Square => StyleParam.MarkerSymbol.Square,
        Marker.Diamond => StyleParam.MarkerSymbol.Diamond,
        Marker.Triangle => StyleParam.MarkerSymbol.TriangleUp,
        _ => StyleParam.MarkerSymbol.Circle,
    };

    private static StyleParam.DrawingStyle Pattern(Dash dash) => dash switch
    {
        Dash.Dashed => StyleParam.DrawingStyle.Dash,
        Dash.Dotted => StyleParam.DrawingStyle.Dot,
        _ => StyleParam.DrawingStyle.Solid,
    };
}

/// <summary>
/// The interactive form of charts. Each chart's HTML is its static picture and a small script that hands the plot to
/// <c>figure.js</c>; without scripts, or without Plotly, the picture stays. Plotly and <c>figure.js</c> stand on a page
/// once (about 0.45 MB): in a notebook the first chart of a session brings them, and a host that puts
/// <see cref="Element"/> on its page itself sets <see cref="OnPage"/> first.
/// </summary>
/// <remarks>
/// <para>Plotly is the npm package plotly.js-basic-dist-min 2.28.0, the version Plotly.NET 6.0.0 is made for, with
/// lines, points and bars; <c>gzip -9n plotly-basic.min.js</c> makes the embedded file again. The browser unpacks it by
/// DecompressionStream and runs it in a script element, so that no host's module loader takes it.</para>
/// <para>Tried in Chromium with the workbook's page. Visual Studio Code was not tried: it
/// shows all outputs of a notebook in one frame and runs their scripts where the workspace is trusted, so the first
/// chart's script should serve the others too; where it does not, the pictures stay.</para>
/// </remarks>
public static partial class PlotlyScript
{
    /// <summary>The id of the script element.</summary>
    public const string ElementId = "c2fvl-plotly";

    private static readonly Lazy<string> ElementText = new(Make);

    /// <summary>
    /// The script element that brings Plotly, where the page has none, and draws all charts, those already there too.
    /// </summary>
    public static string Element => ElementText.Value;

    /// <summary>
    /// Whether the page has the script. Set to false to let the next chart bring it again, as after a reload of the
    /// notebook.
    /// </summary>
    public static bool OnPage { get; set; }

    /// <summary>The HTML without the script element, for a notebook that is to stay small.</summary>
    public static string Strip(string html) => ScriptElement().Replace(html, "");

    /// <summary>The script element for the first chart of a session, nothing for those after it.</summary>
    internal static string Once()
    {
        if (OnPage)
            return "";
        OnPage = true;
        return Element;
    }

    /// <summary>A picture that interactive plots replace where scripts run.</summary>
    /// <param name="picture">One img element, or a p element where there is no picture.</param>
    /// <param name="plots">Side by side where they have room.</param>
    /// <param name="width">The widest it becomes, in CSS pixels.</param>
    /// <param name="columns">At most so many in a row.</param>
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

    [GeneratedRegex($"<script id=\"{ElementId}\">.*?</script>\n?", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();

    private static string Make()
    {
        string packed = Convert.ToBase64String(Resource("plotly-basic-2.28.0.min.js.gz"));
        const string script = "document.head.appendChild(document.createElement('script')).textContent";
        return $$"""
        <script id="{{ElementId}}">/*
        plotly.js (basic) 2.28.0
        {{Encoding.UTF8.GetString(Resource("plotly-LICENSE.txt")).ReplaceLineEndings("\n").Trim()}}
        */
        (async function(){
        if(!window.Plotly){
        const bytes=Uint8Array.from(atob("{{packed}}"),c=>c.charCodeAt(0));
        const code=await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
        if(!window.Plotly){{script}}='(function(exports,module,define){'+code+'\n}).call(window)';
        }
        if(window.c2fvl&&window.c2fvl.ready)return;
        {{Encoding.UTF8.GetString(Resource("figure.js")).ReplaceLineEndings("\n")}}
        window.c2fvl.ready=true;
        })();</script>

        """.ReplaceLineEndings("\n");
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
