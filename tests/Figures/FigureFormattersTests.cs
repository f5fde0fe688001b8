using System.Runtime.CompilerServices;
using C2FVL.Figures;
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
        RuntimeHelpers.RunModuleConstructor(typeof(Chart).Module.ModuleHandle);
        PlotlyScript.OnPage = true;
    }

    public void Dispose() => PlotlyScript.OnPage = false;

    [Fact]
    public void EachFigureIsHtmlPictureAndTextInOneOutput()
    {
        foreach ((DrawnFigure figure, string mime, byte first) in new (DrawnFigure, string, byte)[] { (Samples.LogLog, "image/png", 0x89), (Samples.Grid, "image/png", 0x89), (Samples.Pictures, "image/jpeg", 0xff), (C2fvlDiagram.Draw(), "image/png", 0x89) })
        {
            Assert.Equal(["text/html", mime, "text/plain"], Formatter.GetPreferredMimeTypesFor(figure.GetType()));
            Assert.StartsWith("<figure", figure.ToDisplayString("text/html"), StringComparison.Ordinal);
            Assert.Equal(first, Convert.FromBase64String(figure.ToDisplayString(mime))[0]);
            Assert.Equal(figure.ToText(), figure.ToDisplayString("text/plain"));
        }
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

        string first = Samples.LogLog.ToDisplayString("text/html");
        string second = Samples.LogLog.ToDisplayString("text/html");

        Assert.StartsWith($"<script id=\"{PlotlyScript.ElementId}\">", first, StringComparison.Ordinal);
        Assert.Contains("plotly.js v", first, StringComparison.Ordinal);
        Assert.Equal(second, PlotlyScript.Strip(first));
        Assert.Equal(Samples.LogLog.ToHtml(), second);
    }

    [Fact]
    public void ProgressAndTablesShowToo()
    {
        Assert.Contains("<progress", new ProgressFigure("Training", 0.5).ToDisplayString("text/html"), StringComparison.Ordinal);
        Assert.Contains("<table", new Table("Epochs", new DataFrame(new Int32DataFrameColumn("epoch", [1]))).ToDisplayString("text/html"), StringComparison.Ordinal);
    }
}
