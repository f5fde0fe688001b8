using C2FVL.Figures;
using C2FVL.Workbook.Notebooks;
using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive.Formatting;

namespace C2FVL.Tests.Figures;

/// <summary>Runs alone: whether the page has plotly.js is one state of the process.</summary>
[CollectionDefinition(nameof(FigureFormattersTests), DisableParallelization = true)]
[Collection(nameof(FigureFormattersTests))]
public sealed class FigureFormattersTests : IDisposable
{
    public FigureFormattersTests()
    {
        FigureFormatters.Register();
        PlotlyScript.OnPage = true;
    }

    public void Dispose() => PlotlyScript.OnPage = false;

    [Fact]
    public void EachFigureIsHtmlWithItsPictureOnceAndText()
    {
        foreach (DrawnFigure figure in new DrawnFigure[] { Samples.Plain, Samples.Grid, Samples.Pictures })
        {
            Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(figure.GetType()));
            string html = figure.ToDisplayString("text/html");
            Assert.StartsWith("<figure", html, StringComparison.Ordinal);
            Assert.Equal(2, html.Split("data:image/webp;base64,").Length);
            Assert.Equal(figure.ToText(), figure.ToDisplayString("text/plain"));
        }
    }

    [Fact]
    public void AChartOfPlotlyShowsWithoutAnAddressWhereItCan()
    {
        Assert.DoesNotContain("http", Samples.Bars.ToPlotly().ToDisplayString("text/html"), StringComparison.Ordinal);
        var heat = Plotly.NET.CSharp.Chart.Heatmap<double, string, string, string>([[1, 2], [3, 4]]);
        Assert.Contains("heatmap", heat.ToDisplayString("text/html"), StringComparison.Ordinal);
    }

    [Fact]
    public void ADataFrameShowsAsATable()
    {
        var frame = new DataFrame(new Int32DataFrameColumn("epoch", [1, 2]));

        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(DataFrame)));
        Assert.Contains("<td", frame.ToDisplayString("text/html"), StringComparison.Ordinal);
        Assert.Contains("| 2 |", frame.ToDisplayString("text/plain"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirstChartAloneBringsPlotly()
    {
        PlotlyScript.OnPage = false;

        string first = Samples.Plain.ToDisplayString("text/html");
        string second = Samples.Plain.ToDisplayString("text/html");

        Assert.StartsWith($"<script id=\"{PlotlyScript.ElementId}\">", first, StringComparison.Ordinal);
        Assert.Contains("plotly.js (basic) 2.28.0", first, StringComparison.Ordinal);
        Assert.Contains("Permission is hereby granted", first, StringComparison.Ordinal);
        Assert.InRange(first.Length, 400_000, 500_000);
        Assert.Equal(second, StoredForm.WithoutPlotly(first));
        Assert.Equal(Samples.Plain.ToHtml(), second);
    }

    [Fact]
    public void ProgressAndTablesShowToo()
    {
        Assert.Contains("<progress", new ProgressFigure("Training", 0.5).ToDisplayString("text/html"), StringComparison.Ordinal);
        Assert.Contains("<table", Tables.Of("Epochs", [new { Epoch = 1 }]).ToDisplayString("text/html"), StringComparison.Ordinal);
    }
}
