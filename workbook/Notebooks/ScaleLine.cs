using C2FVL.Experiments;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// The one line of a notebook that sets the scale: <c>var scale = Scale.Phantom;</c> in its first code cell. A reader
/// edits it; the runner puts the asked scale in its place when the cell runs, and leaves the stored text as it is.
/// </summary>
internal static class ScaleLine
{
    /// <summary>The cell's text with the scale replaced; the same text where the cell sets none.</summary>
    public static string Set(string source, Scale scale)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, CellGuard.ParseOptions);
        IdentifierNameSyntax? value = tree.GetRoot().DescendantNodes()
            .OfType<VariableDeclaratorSyntax>()
            .Where(variable => variable.Identifier.Text == "scale")
            .Select(variable => variable.Initializer?.Value)
            .OfType<MemberAccessExpressionSyntax>()
            .Where(access => access.Expression.ToString().Split('.')[^1] == nameof(Scale))
            .Select(access => access.Name)
            .OfType<IdentifierNameSyntax>()
            .FirstOrDefault();
        return value is null ? source : source[..value.Span.Start] + scale + source[value.Span.End..];
    }
}
