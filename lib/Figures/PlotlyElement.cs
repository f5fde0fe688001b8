using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace C2FVL.Figures;

/// <summary>
/// The HTML of charts: a static picture, and a script that puts interactive plots in its place once Plotly is on the
/// page. Without scripts, or without Plotly, the picture stays.
/// </summary>
internal static class PlotlyElement
{
    public static string Html(string image, IReadOnlyList<Chart> panels, int width, int columns = 1, string heading = "")
    {
        string json = "[" + string.Join(",", panels.Select(PlotlyChart.Json)) + "]";
        // The content names the element, so that a rerun writes the same notebook again.
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..12];
        string size = width.ToString(CultureInfo.InvariantCulture);
        return $$"""
            <figure data-c2fvl="{{key}}" style="margin:0;max-width:{{size}}px">{{image}}<div style="display:none;grid-template-columns:repeat({{columns}},minmax(0,1fr));background:#fff;color:{{Palette.Hex(Palette.Ink)}}">{{(heading.Length > 0 ? $"<div style=\"grid-column:1/-1;padding:8px 10px\">{heading}</div>" : "")}}</div></figure>
            <script>(function(){
            var panels={{json}};
            function draw(){
              if(!window.Plotly)return;
              document.querySelectorAll('[data-c2fvl="{{key}}"]').forEach(function(figure){
                if(figure.dataset.drawn)return;
                figure.dataset.drawn='1';
                var image=figure.querySelector('img'),box=figure.querySelector('div');
                image.style.display='none';box.style.display='grid';
                Promise.all(panels.map(function(p){var panel=box.appendChild(document.createElement('div'));return window.Plotly.newPlot(panel,p.data,p.layout,p.config);}))
                  .catch(function(){box.style.display='none';image.style.display='block';});
              });
            }
            draw();window.addEventListener('load',draw);window.addEventListener('{{PlotlyScript.ReadyEvent}}',draw);
            })();</script>
            """;
    }
}
