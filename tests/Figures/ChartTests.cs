using System.Text.Json;
using C2FVL.Figures;
using C2FVL.Workbook.Notebooks;
using Plotly.NET;
using Chart = C2FVL.Figures.Chart;

namespace C2FVL.Tests.Figures;

public sealed class ChartTests
{
    [Fact]
    public void PlotlyHoldsTheSeriesNumbers()
    {
        JsonElement[] traces = Traces(Samples.Curves);

        Assert.Equal(Samples.Curves.Series[0].Y, Numbers(Named(traces, "training"), "y"));
        Assert.Equal(Samples.Curves.Series[1].X, Numbers(Named(traces, "validation"), "x"));
        Assert.Equal("dash", Named(traces, "validation").GetProperty("line").GetProperty("dash").GetString());
    }

    [Fact]
    public void ErrorBarsReachFromLowToHigh()
    {
        JsonElement trace = Named(Traces(Samples.Forest), "QaTa");

        double[] x = Numbers(trace, "x");
        Assert.Equal(Samples.Forest.Series[0].Low!, x.Zip(Numbers(trace.GetProperty("error_x"), "arrayminus"), (value, minus) => Math.Round(value - minus, 9)));
        Assert.Equal(Samples.Forest.Series[0].High!, x.Zip(Numbers(trace.GetProperty("error_x"), "array"), (value, plus) => Math.Round(value + plus, 9)));
    }

    [Fact]
    public void BothRenderingsHaveTheSameRangesAndColours()
    {
        var frame = new ChartFrame(Samples.Curves);
        using JsonDocument figure = JsonDocument.Parse(GenericChart.toJson(Samples.Curves.ToPlotly()));

        double[] range = Numbers(figure.RootElement.GetProperty("layout").GetProperty("yaxis"), "range");
        Assert.Equal([frame.YLow, frame.YHigh], range);
        string color = Named([.. figure.RootElement.GetProperty("data").EnumerateArray()], "training").GetProperty("line").GetProperty("color").GetString()!;
        Assert.Equal("rgba(0, 114, 178, 1.0)", color);
        Assert.Contains(Palette.Hex(Palette.Blue), Samples.Curves.ToSvg(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AMissingBarIsNoNumberForPlotlyAndAbsentFromThePicture()
    {
        JsonElement quoted = Named(Traces(Samples.Bars), "paper (quoted)");

        Assert.Equal("NaN", quoted.GetProperty("y")[7].GetString());
        Assert.NotEmpty(Samples.Bars.ToPng(0.5));
    }

    [Fact]
    public void AHistogramCountsEveryValueOnce()
    {
        Series series = Series.Histogram("areas", [0, 0.1, 0.5, 0.99, 1], 0, 1, 4);

        Assert.Equal([2, 0, 1, 2], series.Y);
        Assert.Equal([0.125, 0.375, 0.625, 0.875], series.X);
        Assert.Throws<ArgumentException>(() => Series.Histogram("areas", [1.2], 0, 1));
    }

    [Fact]
    public void ALineBreaksWhereThereIsNoNumber() =>
        Assert.Equal(JsonValueKind.String, Named(Traces(Samples.Rate), "learning rate").GetProperty("y")[3].ValueKind);

    [Fact]
    public void OneRowFarFromTheOthersDoesNotSqueezeThem()
    {
        var frame = new ChartFrame(Samples.Outlier);

        Assert.InRange(frame.XLow, -3, -2);
        Assert.InRange(frame.XHigh, 2.8, 4);
        Assert.True(frame.IsBeyond(-46.1));
        Assert.Equal("-46.1 [-52.0, -40.0]", frame.ValueLabel(Samples.Outlier.Series[0], 3));
        Assert.False(new ChartFrame(Samples.Forest).IsBeyond(-4.1));
    }

    [Fact]
    public void TheWordsOfCloseLinesStandApart()
    {
        Assert.Equal([("whole", 0), ("pooled", 1)], new ChartFrame(Samples.Outlier).LineLabels.Select(label => (label.Line.Label, label.Row)));

        Chart edge = Samples.Outlier with { Lines = [.. Enumerable.Range(0, 4).Select(i => new ReferenceLine(2.6 + (0.05 * i), $"line {i}", Vertical: true))] };
        Assert.Equal([0, 1, 2, 3], new ChartFrame(edge).LineLabels.Select(label => label.Row).Order());
    }

    [Fact]
    public void TwoBarsOfOneNameAreRefused()
    {
        Chart chart = new("Twice") { X = new() { Categories = ["a", "a"] }, Series = [Series.Bar("b", [1, 2])] };

        Assert.Contains("\"Twice\"", Assert.Throws<ArgumentException>(() => chart.ToPlotly()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReaderGoesOnWithPlotly()
    {
        GenericChart titled = Plotly.NET.Chart.withTitle("My own", null).Invoke(Samples.Bars.ToPlotly());

        Assert.Contains("My own", GenericChart.toJson(titled), StringComparison.Ordinal);
        Assert.Equal(2, GenericChart.getTraces(titled).Length);
    }

    [Fact]
    public void SeriesOfUnequalLengthsAreRefused() =>
        Assert.Throws<ArgumentException>(() => Series.Line("loss", [1, 2, 3], [1, 2]));

    [Fact]
    public void HtmlHoldsThePictureTheTextAndNoAddress()
    {
        string html = Samples.Curves.ToHtml();

        Assert.Contains("<img alt=\"Loss while training.", html, StringComparison.Ordinal);
        Assert.Contains("data:image/webp;base64,", html, StringComparison.Ordinal);
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
        Assert.InRange(html.Length, 1000, 120_000);
        Assert.Equal(html, Samples.Curves.ToHtml());
    }

    [Fact]
    public void WordsCannotLeaveTheScript()
    {
        Chart chart = Samples.Plain with { Subtitle = "</script><b>\"&" };

        string html = chart.ToHtml();

        Assert.Equal(2, html.Split("</script").Length);
        Assert.EndsWith("</script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>\"", html, StringComparison.Ordinal);
    }

    private static JsonElement[] Traces(Chart chart) =>
        [.. JsonDocument.Parse(GenericChart.toJson(chart.ToPlotly())).RootElement.GetProperty("data").EnumerateArray()];

    private static JsonElement Named(JsonElement[] traces, string name) =>
        traces.Single(trace => trace.TryGetProperty("name", out JsonElement found) && found.GetString() == name);

    private static double[] Numbers(JsonElement element, string property) =>
        [.. element.GetProperty(property).EnumerateArray().Select(value => value.GetDouble())];
}
