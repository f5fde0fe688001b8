using System.Net;
using C2FVL.Workbook.Notebooks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace C2FVL.Workbook.Pages;

/// <summary>C# code as HTML with its keywords, strings, numbers and comments marked.</summary>
internal static class CodeHtml
{
    public static string Of(string source)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(source, CellGuard.ParseOptions).GetRoot();
        return string.Concat(root.DescendantTokens().SelectMany(IEnumerable<string> (token) =>
            [.. token.LeadingTrivia.Select(Marked), Marked(token), .. token.TrailingTrivia.Select(Marked)])).TrimEnd();
    }

    private static string Marked(SyntaxTrivia trivia) =>
        Span(trivia.ToFullString(), trivia.IsDirective || trivia.Kind().ToString().Contains("Comment") ? "com" : "");

    private static string Marked(SyntaxToken token) => Span(token.Text, token.Kind() switch
    {
        _ when token.IsKeyword() || token.Text is "var" => "kw",
        SyntaxKind.NumericLiteralToken => "num",
        SyntaxKind.CharacterLiteralToken => "str",
        var kind => kind.ToString().Contains("String") ? "str" : "",
    });

    private static string Span(string text, string name) => name.Length == 0
        ? WebUtility.HtmlEncode(text)
        : $"<span class=\"{name}\">{WebUtility.HtmlEncode(text)}</span>";
}
