using System.Text;

namespace C2FVL.Workbook.Notebooks;

/// <summary>A text as part of a file name or an element's id.</summary>
internal static class Slug
{
    private const int Longest = 60;

    /// <summary>Small letters and digits, all else a single hyphen; never empty, and never cut within a word.</summary>
    public static string Of(string text)
    {
        var slug = new StringBuilder();
        foreach (char c in text.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        string kept = slug.ToString().Trim('-');
        if (kept.Length > Longest)
            kept = kept.LastIndexOf('-', Longest) is > 0 and int end ? kept[..end] : kept[..Longest];
        return kept.Length > 0 ? kept : "untitled";
    }
}
