using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Plotly.NET;

namespace C2FVL.Figures;

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

    /// <summary>The script element that brings Plotly, where the page has none, and draws all charts, those already there too.</summary>
    public static string Element => ElementText.Value;

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

    /// <summary>A picture that interactive plots replace where scripts run.</summary>
    /// <param name="picture">One img element, or a p element where there is no picture.</param>
    /// <param name="plots">Side by side where they have room.</param>
    /// <param name="width">The widest it becomes, in CSS pixels.</param>
    /// <param name="columns">At most so many in a row.</param>
    /// <param name="heading">HTML above all of them.</param>
    internal static string Figure(string picture, IEnumerable<GenericChart> plots, int width, int columns = 1, string heading = "")
    {
        // Newtonsoft writes NaN as a word; Plotly wants null for a gap, or it may take the axis for one of names.
        string panels = string.Join(",\n", plots.Select(plot => NotANumber().Replace(GenericChart.toJson(plot), "null")));
        string content = $"{{\"columns\":{columns.ToString(CultureInfo.InvariantCulture)},\"heading\":{System.Text.Json.JsonSerializer.Serialize(heading)},\"panels\":[{panels}]}}".Replace("<", "\\u003c", StringComparison.Ordinal);
        // The content names the element, so that a rerun writes the same notebook again.
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..12];
        return $"""
            <figure data-c2fvl="{key}" style="margin:0;max-width:{width.ToString(CultureInfo.InvariantCulture)}px">{picture}<div></div></figure>
            <script>(window.c2fvl=window.c2fvl||[]).push(["{key}",{content}]);</script>
            """;
    }

    [GeneratedRegex($"<script id=\"{ElementId}\">.*?</script>\n?", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();

    private static string Make() => $$"""
        <script id="{{ElementId}}">/*
        plotly.js (basic) 2.28.0
        {{Encoding.UTF8.GetString(Resource("plotly-LICENSE.txt")).ReplaceLineEndings("\n").Trim()}}
        */
        (async function(){
        if(!window.Plotly){
        const bytes=Uint8Array.from(atob("{{Convert.ToBase64String(Resource("plotly-basic-2.28.0.min.js.gz"))}}"),c=>c.charCodeAt(0));
        const code=await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
        if(!window.Plotly)document.head.appendChild(document.createElement('script')).textContent='(function(exports,module,define){'+code+'\n}).call(window)';
        }
        if(window.c2fvl&&window.c2fvl.ready)return;
        {{Encoding.UTF8.GetString(Resource("figure.js")).ReplaceLineEndings("\n")}}
        window.c2fvl.ready=true;
        })();</script>

        """.ReplaceLineEndings("\n");

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
