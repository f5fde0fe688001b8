using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using C2FVL.Platform;
using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET;

namespace C2FVL.Figures;

/// <summary>
/// Tells .NET Interactive's formatter how figures, tables and Plotly.NET charts show: as HTML and as plain
/// text in one output. The HTML holds the picture, once: viewers that run no scripts show it too, and a second copy as
/// image/png would double a notebook.
/// </summary>
internal static class FigureFormatters
{
    private static int registered;

    /// <summary>
    /// Registers where a notebook's kernel has loaded the library. A program that shows nothing needs neither the
    /// formatter nor what the formatter needs.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A notebook shows figures without a line that sets this up.")]
    internal static void RegisterInKernel()
    {
        if (NotebookCell.HasKernel)
            Register();
    }

    /// <summary>For a program that embeds a kernel, which it makes after it has loaded the library.</summary>
    internal static void Register()
    {
        if (Interlocked.Exchange(ref registered, 1) == 1)
            return;
        Register<Chart>(chart => PlotlyScript.Once() + chart.ToHtml(), chart => chart.ToText());
        Register<ChartGrid>(grid => PlotlyScript.Once() + grid.ToHtml(), grid => grid.ToText());
        Register<GenericChart>(PlotlyHtml, _ => "A Plotly.NET chart. View it as HTML.");
        Register<PictureGrid>();
        Register<Table>();
        Register<ProgressFigure>();
        Register<DataFrame>(frame => AsTable(frame).ToHtml(), frame => AsTable(frame).ToText());
    }

    private static Table AsTable(DataFrame frame) =>
        Tables.Of($"{frame.Rows.Count} rows, {frame.Columns.Count} columns", frame) with { ShownRows = 20 };

    /// <summary>
    /// Without a network where it has only lines, points and bars, as <see cref="Chart.ToPlotly"/> makes them;
    /// Plotly.NET's own HTML, which loads all of Plotly from its address, for other kinds.
    /// </summary>
    private static string PlotlyHtml(GenericChart chart) =>
        GenericChart.getTraces(chart).All(trace => trace.type is "scatter" or "bar")
            ? PlotlyScript.Once() + PlotlyScript.Figure(
                "<p>A Plotly chart. It needs scripts.</p>", [chart], 960)
            : GenericChart.toChartHTML(chart);

    private static void Register<T>()
        where T : IDisplayable => Register<T>(shown => shown.ToHtml(), shown => shown.ToText());

    private static void Register<T>(Func<T, string> html, Func<T, string> text)
    {
        Formatter.SetPreferredMimeTypesFor(typeof(T), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
        Formatter.Register<T>((shown, writer) => writer.Write(html(shown)), HtmlFormatter.MimeType);
        Formatter.Register<T>((shown, writer) => writer.Write(text(shown)), PlainTextFormatter.MimeType);
    }
}
