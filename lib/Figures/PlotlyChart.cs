using System.Globalization;
using DynamicObj;
using Microsoft.FSharp.Collections;
using Plotly.NET;
using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A chart as a Plotly figure: the JSON of its data, layout and configuration.</summary>
internal static class PlotlyChart
{
    /// <summary>The figure's JSON; safe inside a script element.</summary>
    public static string Json(Chart chart)
    {
        var frame = new ChartFrame(chart);
        Trace[] traces = [.. chart.Series.SelectMany(series => Traces(chart, frame, series))];
        GenericChart figure = GenericChart.NewMultiChart(ListModule.OfSeq(traces), Layout(chart, frame), Configuration(), new DisplayOptions());
        return GenericChart.toJson(figure).Replace("<", "\\u003c", StringComparison.Ordinal);
    }

    private static IEnumerable<Trace> Traces(Chart chart, ChartFrame frame, Series series) => series.Kind switch
    {
        SeriesKind.Line or SeriesKind.Scatter => Points(frame, series),
        SeriesKind.Bar => [Bars(chart, frame, series)],
        SeriesKind.Interval => [Intervals(chart, frame, series)],
        SeriesKind.Histogram => [Histogram(frame, series)],
        _ => [Box(chart, frame, series)],
    };

    private static IEnumerable<Trace> Points(ChartFrame frame, Series series)
    {
        string color = Palette.Hex(frame.Color(series));
        bool band = series is { Low: not null, Spread: Spread.Band };
        if (band)
        {
            yield return BandEdge(series, series.High!, color, fill: false);
            yield return BandEdge(series, series.Low!, color, fill: true);
        }

        Trace trace = Named("scatter", series, frame);
        trace.SetProperty("x", Values(series.X));
        trace.SetProperty("y", Values(series.Y));
        trace.SetProperty("mode", series.Kind == SeriesKind.Scatter ? "markers" : ChartFrame.ShowsPoints(series) ? "lines+markers" : "lines");
        trace.SetProperty("line", Map(("color", color), ("width", 2), ("dash", series.Dash.Plotly())));
        trace.SetProperty("marker", Map(("color", color), ("size", 7), ("symbol", frame.Shape(series).Plotly())));
        if (series.Low is not null && !band)
            trace.SetProperty("error_y", Errors(series, series.Y, color));
        yield return trace;
    }

    private static Trace BandEdge(Series series, IReadOnlyList<double> edge, string color, bool fill)
    {
        var trace = new Trace("scatter");
        trace.SetProperty("x", Values(series.X));
        trace.SetProperty("y", Values(edge));
        trace.SetProperty("mode", "lines");
        trace.SetProperty("line", Map(("width", 0), ("color", color)));
        trace.SetProperty("showlegend", false);
        trace.SetProperty("hoverinfo", "skip");
        if (fill)
        {
            trace.SetProperty("fill", "tonexty");
            trace.SetProperty("fillcolor", color + "33");
        }

        return trace;
    }

    private static Trace Bars(Chart chart, ChartFrame frame, Series series)
    {
        Trace trace = Named("bar", series, frame);
        trace.SetProperty("x", Values([.. Enumerable.Range(0, series.Y.Count).Select(i => frame.BarPosition(series, i))]));
        trace.SetProperty("y", Values(series.Y));
        trace.SetProperty("width", frame.BarWidth * 0.92);
        trace.SetProperty("marker", Map(("color", Palette.Hex(frame.Color(series)))));
        trace.SetProperty("hovertext", Names(chart, series));
        trace.SetProperty("hovertemplate", "%{hovertext}: %{y}");
        if (series.ValueFormat is { } format)
        {
            trace.SetProperty("text", series.Y.Select(y => y.ToString(format, CultureInfo.InvariantCulture)).ToArray());
            trace.SetProperty("textposition", "outside");
            trace.SetProperty("cliponaxis", false);
        }

        if (series.Low is not null)
            trace.SetProperty("error_y", Errors(series, series.Y, Palette.Hex(Palette.Ink)));
        return trace;
    }

    private static Trace Intervals(Chart chart, ChartFrame frame, Series series)
    {
        Trace trace = Named("scatter", series, frame);
        string color = Palette.Hex(frame.Color(series));
        trace.SetProperty("x", Values(series.X));
        trace.SetProperty("y", Values([.. Enumerable.Range(0, series.X.Count).Select(i => frame.IntervalPosition(series, i))]));
        trace.SetProperty("mode", series.ValueFormat is null ? "markers" : "markers+text");
        trace.SetProperty("marker", Map(("color", color), ("size", 9), ("symbol", frame.Shape(series).Plotly())));
        trace.SetProperty("error_x", Errors(series, series.X, color));
        trace.SetProperty("hovertext", Names(chart, series));
        trace.SetProperty("hovertemplate", "%{hovertext}: %{x}");
        if (series.ValueFormat is { } format)
        {
            trace.SetProperty("text", series.X.Select(x => x.ToString(format, CultureInfo.InvariantCulture)).ToArray());
            trace.SetProperty("textposition", "top center");
        }

        return trace;
    }

    private static Trace Histogram(ChartFrame frame, Series series)
    {
        Trace trace = Named("bar", series, frame);
        string color = Palette.Hex(frame.Color(series));
        trace.SetProperty("x", Values(series.X));
        trace.SetProperty("y", Values(series.Y));
        trace.SetProperty("width", series.BinWidth);
        trace.SetProperty("opacity", frame.LegendItems.Count > 1 ? 0.55 : 0.85);
        trace.SetProperty("marker", Map(("color", color), ("line", Map(("color", color), ("width", 1)))));
        return trace;
    }

    private static Trace Box(Chart chart, ChartFrame frame, Series series)
    {
        // Plotly takes quartiles as they are, so they are found on the axis that the static picture uses too.
        BoxSummary summary = BoxSummary.Of([.. series.Y.Select(y => ChartFrame.Place(chart.Y, y))]);
        double Value(double place) => chart.Y.Log ? Math.Pow(10, place) : place;
        Trace trace = Named("box", series, frame);
        string color = Palette.Hex(frame.Color(series));
        trace.SetProperty("x", new[] { (double)frame.BoxPosition(series) });
        trace.SetProperty("lowerfence", new[] { Value(summary.WhiskerLow) });
        trace.SetProperty("q1", new[] { Value(summary.Lower) });
        trace.SetProperty("median", new[] { Value(summary.Median) });
        trace.SetProperty("q3", new[] { Value(summary.Upper) });
        trace.SetProperty("upperfence", new[] { Value(summary.WhiskerHigh) });
        trace.SetProperty("y", new[] { Values(series.Y) });
        trace.SetProperty("boxpoints", "outliers");
        trace.SetProperty("width", 0.5);
        trace.SetProperty("line", Map(("color", color), ("width", 1.5)));
        trace.SetProperty("fillcolor", color + "40");
        trace.SetProperty("marker", Map(("color", color), ("size", 5)));
        return trace;
    }

    private static Trace Named(string type, Series series, ChartFrame frame)
    {
        var trace = new Trace(type);
        trace.SetProperty("name", Html.Escape(series.Name));
        trace.SetProperty("showlegend", frame.LegendItems.Any(item => item.Name == series.Name));
        return trace;
    }

    private static string[] Names(Chart chart, Series series) =>
        [.. Enumerable.Range(0, series.X.Count).Select(i => Html.Escape(chart.CategoryOf(series, i)))];

    private static Dictionary<string, object?> Errors(Series series, IReadOnlyList<double> values, string color) => Map(
        ("type", "data"),
        ("symmetric", false),
        ("array", Values([.. series.High!.Select((high, i) => high - values[i])])),
        ("arrayminus", Values([.. series.Low!.Select((low, i) => values[i] - low)])),
        ("color", color),
        ("thickness", 1.5));

    private static Layout Layout(Chart chart, ChartFrame frame)
    {
        float width = chart.Width - 20;
        float header = FigureCanvas.HeaderHeight(chart.Title, chart.Subtitle, width);
        float legend = FigureCanvas.LegendHeight(frame.LegendItems, width);
        string title = string.Join("<br>", FigureCanvas.Wrap(chart.Title, width, FigureCanvas.TitleSize, bold: true).Select(line => $"<b>{Html.Escape(line)}</b>")
            .Concat(FigureCanvas.Wrap(chart.Subtitle, width).Select(line => $"<span style=\"font-size:12px;color:{Palette.Hex(Palette.Muted)}\">{Html.Escape(line)}</span>")));
        var layout = new Layout();
        layout.SetProperty("title", Map(("text", title), ("x", 0), ("xanchor", "left"), ("y", 1), ("yanchor", "top"), ("yref", "container"), ("pad", Map(("t", 10), ("l", 10))), ("font", Map(("size", 15)))));
        layout.SetProperty("font", Map(("family", $"{FigureFont.Name}, Verdana, sans-serif"), ("size", 12), ("color", Palette.Hex(Palette.Ink))));
        layout.SetProperty("paper_bgcolor", Palette.Hex(Palette.Paper));
        layout.SetProperty("plot_bgcolor", Palette.Hex(Palette.Paper));
        layout.SetProperty("height", chart.Height);
        layout.SetProperty("autosize", true);
        layout.SetProperty("margin", Map(("t", header + legend + 12), ("r", 14), ("b", 50), ("l", 60)));
        layout.SetProperty("barmode", "overlay");
        layout.SetProperty("hovermode", "closest");
        layout.SetProperty("legend", Map(("orientation", "h"), ("x", 0), ("xref", "container"), ("xanchor", "left"), ("y", 1), ("yanchor", "bottom"), ("font", Map(("size", 12)))));
        layout.SetProperty("xaxis", PlotlyAxis(chart.X, frame.XCategories, frame.XLow, frame.XHigh, dense: frame.XWhole && frame.XHigh - frame.XLow < 12));
        layout.SetProperty("yaxis", frame.YCategories is null
            ? PlotlyAxis(chart.Y, null, frame.YLow, frame.YHigh)
            : PlotlyAxis(chart.Y, frame.YCategories, frame.YHigh, frame.YLow));
        layout.SetProperty("shapes", chart.Lines.Select(Shape).ToArray());
        layout.SetProperty("annotations", chart.Lines.Where(line => line.Label.Length > 0).Select(line => Annotation(chart, frame, line)).ToArray());
        return layout;
    }

    private static Dictionary<string, object?> PlotlyAxis(Axis axis, IReadOnlyList<string>? categories, double from, double to, bool dense = false)
    {
        Dictionary<string, object?> map = Map(
            ("title", Map(("text", Html.Escape(axis.Title)), ("standoff", 8))),
            ("range", new[] { from, to }),
            ("type", axis.Log ? "log" : "linear"),
            ("automargin", true),
            ("zeroline", false),
            ("showgrid", categories is null),
            ("gridcolor", Palette.Hex(Palette.Grid)),
            ("linecolor", Palette.Hex(Palette.Ink)),
            ("ticks", "outside"),
            ("tickfont", Map(("size", 11))));
        if (dense)
            map["dtick"] = 1;
        if (categories is not null)
        {
            map["tickvals"] = Enumerable.Range(0, categories.Count).ToArray();
            map["ticktext"] = categories.Select(Html.Escape).ToArray();
        }

        return map;
    }

    private static Dictionary<string, object?> Shape(ReferenceLine line)
    {
        Dictionary<string, object?> map = Map(("type", "line"), ("line", Map(("color", Palette.Hex(Palette.Muted)), ("width", 1.3), ("dash", "dash"))));
        (string along, string across) = line.Vertical ? ("x", "y") : ("y", "x");
        map[along + "0"] = line.Value;
        map[along + "1"] = line.Value;
        map[across + "ref"] = "paper";
        map[across + "0"] = 0;
        map[across + "1"] = 1;
        return map;
    }

    private static Dictionary<string, object?> Annotation(Chart chart, ChartFrame frame, ReferenceLine line)
    {
        double place = ChartFrame.Place(line.Vertical ? chart.X : chart.Y, line.Value);
        Dictionary<string, object?> map = Map(("text", Html.Escape(line.Label)), ("showarrow", false), ("font", Map(("size", 11), ("color", Palette.Hex(Palette.Muted)))));
        if (line.Vertical)
        {
            map["x"] = place;
            map["xanchor"] = place > (frame.XLow + frame.XHigh) / 2 ? "right" : "left";
            map["yref"] = "paper";
            map["y"] = 1;
            map["yanchor"] = "top";
        }
        else
        {
            map["xref"] = "paper";
            map["x"] = 1;
            map["xanchor"] = "right";
            map["y"] = place;
            map["yanchor"] = place > frame.YLow + (0.9 * (frame.YHigh - frame.YLow)) ? "top" : "bottom";
        }

        return map;
    }

    private static Config Configuration()
    {
        var config = new Config();
        config.SetProperty("responsive", true);
        config.SetProperty("displaylogo", false);
        config.SetProperty("modeBarButtonsToRemove", new[] { "select2d", "lasso2d", "autoScale2d" });
        return config;
    }

    /// <summary>Numbers as JSON holds them: what is not finite becomes null, which Plotly leaves out.</summary>
    private static double?[] Values(IReadOnlyList<double> values) => [.. values.Select(v => double.IsFinite(v) ? v : (double?)null)];

    private static Dictionary<string, object?> Map(params (string Key, object? Value)[] pairs) => pairs.ToDictionary(pair => pair.Key, pair => pair.Value);
}
