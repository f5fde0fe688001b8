using System.Net;

namespace C2FVL.Figures;

/// <summary>Text inside HTML.</summary>
internal static class Html
{
    /// <summary>Text made safe for an element or an attribute.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
