using System.Text.RegularExpressions;

namespace C2FVL.Figures;

/// <summary>
/// plotly.js, from the copy inside Plotly.NET, for a page to hold once. In a notebook the first chart of a session
/// brings it (about 4 MB, marked with <see cref="ElementId"/>); a host that puts <see cref="Element"/> on its page
/// itself sets <see cref="OnPage"/> first, and then no chart brings it.
/// </summary>
public static partial class PlotlyScript
{
    /// <summary>The id of the script element.</summary>
    public const string ElementId = "c2fvl-plotly";

    internal const string ReadyEvent = "c2fvl-plotly";

    private static readonly Lazy<string> SourceText = new(Read);

    /// <summary>The text of plotly.min.js.</summary>
    public static string Source => SourceText.Value;

    /// <summary>
    /// The script element: it makes window.Plotly, also where a page has a module loader, and tells the charts that
    /// are already there.
    /// </summary>
    public static string Element =>
        $"<script id=\"{ElementId}\">if(!window.Plotly)(function(exports,module,define){{{Source}\n}}).call(window);window.dispatchEvent(new Event('{ReadyEvent}'));</script>";

    /// <summary>Whether the page has the script. Set to false to let the next chart bring it again, as after a reload of the notebook.</summary>
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

    [GeneratedRegex($"<script id=\"{ElementId}\">.*?</script>\n?", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();

    private static string Read()
    {
        var assembly = typeof(Plotly.NET.GenericChart).Assembly;
        string resource = assembly.GetManifestResourceNames().SingleOrDefault(name => name.EndsWith(".min.js", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} holds no plotly.min.js. Build with the Plotly.NET version that Directory.Packages.props pins.");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase);
    }
}
