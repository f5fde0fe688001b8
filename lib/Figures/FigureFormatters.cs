using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;
using Microsoft.DotNet.Interactive.Formatting;

namespace C2FVL.Figures;

/// <summary>
/// Tells .NET Interactive's formatter, which the kernel and the headless runner both ask, how figures, tables and
/// data frames show: HTML, for figures a PNG (for picture grids a JPEG) as base64 text, and plain text, all in one output.
/// </summary>
internal static class FigureFormatters
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A notebook shows figures without a line that sets this up.")]
    internal static void Register()
    {
        RegisterFigure<Chart>(figure => PlotlyScript.Once() + figure.ToHtml());
        RegisterFigure<ChartGrid>(figure => PlotlyScript.Once() + figure.ToHtml());
        RegisterFigure<PictureGrid>(figure => figure.ToHtml(), figure => figure.ToBase64Jpeg(), "image/jpeg");
        RegisterFigure<Diagram>(figure => figure.ToHtml());
        RegisterDisplayable<Table>();
        RegisterDisplayable<ProgressFigure>();
        RegisterDisplayable<StoredPicture>();
        Formatter.SetPreferredMimeTypesFor(typeof(DataFrame), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
        Formatter.Register<DataFrame>((frame, writer) => writer.Write(AsTable(frame).ToHtml()), HtmlFormatter.MimeType);
        Formatter.Register<DataFrame>((frame, writer) => writer.Write(AsTable(frame).ToText()), PlainTextFormatter.MimeType);
    }

    private static Table AsTable(DataFrame frame) => new($"{frame.Rows.Count} rows, {frame.Columns.Count} columns", frame) { ShownRows = 20 };

    private static void RegisterFigure<T>(Func<T, string> html)
        where T : DrawnFigure => RegisterFigure(html, figure => figure.ToBase64Png(), "image/png");

    private static void RegisterFigure<T>(Func<T, string> html, Func<T, string> picture, string mime)
        where T : DrawnFigure
    {
        Formatter.SetPreferredMimeTypesFor(typeof(T), HtmlFormatter.MimeType, mime, PlainTextFormatter.MimeType);
        Formatter.Register<T>((figure, writer) => writer.Write(html(figure)), HtmlFormatter.MimeType);
        Formatter.Register<T>((figure, writer) => writer.Write(picture(figure)), mime);
        Formatter.Register<T>((figure, writer) => writer.Write(figure.ToText()), PlainTextFormatter.MimeType);
    }

    private static void RegisterDisplayable<T>()
        where T : IDisplayable
    {
        Formatter.SetPreferredMimeTypesFor(typeof(T), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
        Formatter.Register<T>((shown, writer) => writer.Write(shown.ToHtml()), HtmlFormatter.MimeType);
        Formatter.Register<T>((shown, writer) => writer.Write(shown.ToText()), PlainTextFormatter.MimeType);
    }
}
