using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Refuses, before any cell runs, what does not parse and what would load anything but the library.</summary>
internal static partial class CellGuard
{
    /// <summary>The one library that a notebook may load, as it is written in its first cell; a solution puts ../ before it.</summary>
    public const string LibraryPath = "../bin/C2FVL.Lib/C2FVL.Lib.dll";

    /// <summary>How the kernel reads a cell.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>All that is refused in the notebook, in reading order; empty where it may run.</summary>
    public static IReadOnlyList<CellFault> Check(Notebook notebook)
    {
        var faults = new List<CellFault>();
        string library = (notebook.IsSolution ? "../" : "") + LibraryPath;
        int number = 0;
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            string[] lines = cell.Source.Split('\n');
            string code = string.Join('\n', lines.Select(line => Directive().IsMatch(line) ? "" : line));
            SyntaxTree tree = CSharpSyntaxTree.ParseText(code, ParseOptions);
            number++;
            faults.AddRange(Directives(lines, number == 1, FirstTokenLine(tree), library)
                .Concat(tree.GetDiagnostics()
                    .Where(d => d.Severity == DiagnosticSeverity.Error)
                    .Select(d => (Line: LineOf(d.Location), Kind: d.Id, Message: d.GetMessage())))
                .OrderBy(found => found.Line)
                .Select(found => new CellFault(notebook.Name, number, found.Line, lines[Math.Min(found.Line, lines.Length) - 1], found.Kind, found.Message)));
        }

        return faults;
    }

    private static IEnumerable<(int Line, string Kind, string Message)> Directives(
        string[] lines, bool isFirstCell, int firstTokenLine, string library)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            Match directive = Directive().Match(lines[i]);
            if (!directive.Success)
                continue;
            string? message = directive.Groups["name"].Value switch
            {
                "!" => "magic commands are not allowed: a notebook contains only C#.",
                "load" => "#load is not allowed: move what two notebooks need to the library.",
                "i" => "#i is not allowed: a notebook may load only the library.",
                _ when Reference().Match(lines[i]) is not { Success: true } reference || reference.Groups["path"].Value != library =>
                    $"#r may only name the library: #r \"{library}\"",
                _ when !isFirstCell => "#r belongs in the first code cell.",
                _ when i + 1 > firstTokenLine => "#r must come before all other code of its cell.",
                _ => null,
            };
            if (message is not null)
                yield return (i + 1, "not allowed", message);
        }
    }

    private static int FirstTokenLine(SyntaxTree tree)
    {
        SyntaxToken first = tree.GetRoot().GetFirstToken();
        return first.IsKind(SyntaxKind.None) ? int.MaxValue : LineOf(first.GetLocation());
    }

    private static int LineOf(Location location) => location.GetLineSpan().StartLinePosition.Line + 1;

    [GeneratedRegex(@"^\s*#((?<name>!)|(?<name>r|i|load)(?![A-Za-z]))")]
    private static partial Regex Directive();

    [GeneratedRegex(@"^\s*#r\s+""(?<path>[^""]*)""\s*(//.*)?$")]
    private static partial Regex Reference();
}

/// <summary>Why a cell stopped, or may not start.</summary>
/// <param name="Notebook">The notebook's name.</param>
/// <param name="Cell">The code cell's number, from 1, as a host shows it beside the cell; for a markdown cell its place among all cells.</param>
/// <param name="Line">The line in the cell, from 1; null where it is not known.</param>
/// <param name="Source">That line's text.</param>
/// <param name="Kind">The exception's type, or a compiler's or the guard's code.</param>
/// <param name="Message">What went wrong.</param>
internal sealed record CellFault(string Notebook, int Cell, int? Line, string? Source, string Kind, string Message)
{
    public bool IsMarkdown { get; init; }

    /// <summary>Where, the source line, and the error.</summary>
    public override string ToString()
    {
        string where = $"{Notebook}, {(IsMarkdown ? "" : "code ")}cell {Cell}" + (Line is int line ? $", line {line}" : "");
        return Source is null ? $"{where}: {Kind}: {Message}" : $"{where}: {Source.Trim()}\n    {Kind}: {Message}";
    }
}
