using System.Net;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace C2FVL.Workbook.Notebooks;

/// <summary>C# code as HTML with its keywords, strings, numbers and comments marked.</summary>
internal static class CodeHtml
{
    public static string Of(string source)
    {
        var html = new StringBuilder();
        foreach (SyntaxToken token in CSharpSyntaxTree.ParseText(source, CellGuard.ParseOptions).GetRoot().DescendantTokens())
        {
            foreach (SyntaxTrivia trivia in token.LeadingTrivia)
                Append(html, trivia.ToFullString(), ClassOf(trivia));
            Append(html, token.Text, ClassOf(token));
            foreach (SyntaxTrivia trivia in token.TrailingTrivia)
                Append(html, trivia.ToFullString(), ClassOf(trivia));
        }

        return html.ToString().TrimEnd();
    }

    private static void Append(StringBuilder html, string text, string? name)
    {
        string safe = WebUtility.HtmlEncode(text);
        html.Append(name is null ? safe : $"<span class=\"{name}\">{safe}</span>");
    }

    private static string? ClassOf(SyntaxTrivia trivia) => trivia.Kind() switch
    {
        SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia => "com",
        _ when trivia.IsDirective => "com",
        _ => null,
    };

    private static string? ClassOf(SyntaxToken token)
    {
        string kind = token.Kind().ToString();
        if (token.IsKeyword() || token.Text is "var")
            return "kw";
        if (kind.Contains("String") || token.IsKind(SyntaxKind.CharacterLiteralToken))
            return "str";
        return token.IsKind(SyntaxKind.NumericLiteralToken) ? "num" : null;
    }
}
