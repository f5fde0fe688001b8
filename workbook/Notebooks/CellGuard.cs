using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// Refuses, before anything runs, what the real .NET Interactive kernel would reject or what only one of the two hosts
/// knows, so that a notebook that runs headless also runs in VS Code.
/// </summary>
internal static partial class CellGuard
{
    /// <summary>The one library that a notebook may load, as it is written in its first cell.</summary>
    public const string LibraryPath = "../bin/C2FVL.Lib/C2FVL.Lib.dll";

    /// <summary>How the real kernel reads a cell.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    // Names that the real kernel offers to a cell and the headless runner does not, and the other way round.
    private static readonly HashSet<string> HostNames =
    [
        "Kernel", "KernelInvocationContext", "KernelBuilder", "CompositeKernel", "CSharpKernel", "DisplayedValue", "DisplayEvent",
        "HTML", "CSS", "SVG", "Javascript", "displayAs", "ScriptContent", "GetInput", "GetInputAsync", "GetPassword", "GetPasswordAsync",
        "NotebookHost", "DisplayHandle", "Args",
    ];

    private static readonly HashSet<string> HostMethods = ["Display", "DisplayAs", "DisplayTable", "Explore", "ExploreWithNteract"];

    /// <summary>All that is refused in the notebook, in reading order; empty where it may run.</summary>
    public static IReadOnlyList<CellFault> Check(Notebook notebook)
    {
        List<SyntaxTree> trees = notebook.CodeCells.Select(cell => CSharpSyntaxTree.ParseText(WithoutDirectives(cell.Source), ParseOptions)).ToList();
        HashSet<string> declared = trees.SelectMany(tree => tree.GetRoot().DescendantNodes()).Select(DeclaredName).OfType<string>().ToHashSet();

        var faults = new List<CellFault>();
        int number = 0;
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            SyntaxTree tree = trees[number++];
            string[] lines = cell.Source.Split('\n');
            faults.AddRange(Directives(lines, number == 1, FirstTokenLine(tree))
                .Concat(Syntax(tree, declared))
                .DistinctBy(found => (found.Line, found.Message))
                .OrderBy(found => found.Line)
                .Select(found => new CellFault(notebook.Name, number, found.Line, lines[Math.Min(found.Line, lines.Length) - 1], found.Kind, found.Message)));
        }

        return faults;
    }

    /// <summary>The text with its <c>#r</c> and magic lines blanked, so that what is left keeps its line numbers.</summary>
    public static string WithoutDirectives(string source) =>
        string.Join('\n', source.Split('\n').Select(line => Directive().IsMatch(line) ? "" : line));

    /// <summary>The paths of the text's <c>#r</c> lines.</summary>
    public static IEnumerable<string> References(string source) =>
        source.Split('\n').Select(line => Reference().Match(line)).Where(match => match.Success).Select(match => match.Groups["path"].Value);

    private static IEnumerable<(int Line, string Kind, string Message)> Directives(string[] lines, bool isFirstCell, int firstTokenLine)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            Match directive = Directive().Match(lines[i]);
            if (!directive.Success)
                continue;
            string? message = directive.Groups["name"].Value switch
            {
                "!" => "magic commands are not allowed: they are for the real host alone.",
                "load" => "#load is not allowed: what two notebooks need goes to the library.",
                "i" => "#i is not allowed: a notebook loads nothing but the library.",
                _ when Reference().Match(lines[i]) is not { Success: true } reference || reference.Groups["path"].Value != LibraryPath =>
                    $"#r may only name the library: #r \"{LibraryPath}\"",
                _ when !isFirstCell => "#r belongs into the first code cell.",
                _ when i + 1 > firstTokenLine => "#r must stand before all code of its cell.",
                _ => null,
            };
            if (message is not null)
                yield return (i + 1, "not allowed", message);
        }
    }

    private static IEnumerable<(int Line, string Kind, string Message)> Syntax(SyntaxTree tree, HashSet<string> declared)
    {
        foreach (Diagnostic diagnostic in tree.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error))
        {
            int line = LineOf(diagnostic.Location);
            // A script cannot even parse a top-level using declaration; the compiler's message does not say so.
            yield return UsingDeclaration().IsMatch(tree.GetText().Lines[line - 1].ToString())
                ? (line, "not allowed", "a cell cannot have a top-level using declaration. Write using (...) { ... }, or put it into a block.")
                : (line, diagnostic.Id, diagnostic.GetMessage());
        }

        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            if (Refusal(node, declared) is string message)
                yield return (LineOf(node.GetLocation()), "not allowed", message);
        }
    }

    private static string? Refusal(SyntaxNode node, HashSet<string> declared) => node switch
    {
        BaseNamespaceDeclarationSyntax => "a cell cannot declare a namespace.",
        ParameterSyntax { Parent.Parent: MethodDeclarationSyntax } parameter when parameter.Modifiers.Any(SyntaxKind.ThisKeyword) =>
            "a cell cannot declare an extension method. Write a plain static method, or put it into the library.",
        ExtensionBlockDeclarationSyntax => "a cell cannot declare an extension method. Write a plain static method, or put it into the library.",
        UsingDirectiveSyntax { Name: { } name } when name.ToString() is var text && IsHostNamespace(text) =>
            $"{text} is not the same in every host. A cell uses display(value) and a trailing expression.",
        MemberAccessExpressionSyntax access when access.ToString() is "Microsoft.DotNet.Interactive" or "C2FVL.Workbook" => $"{access} is not the same in every host.",
        MemberAccessExpressionSyntax { Name.Identifier.Text: var name, Parent: InvocationExpressionSyntax } when HostMethods.Contains(name) && !declared.Contains(name) =>
            $".{name}() is not the same in every host. Write display(value).",
        IdentifierNameSyntax name when IsFree(name) && !declared.Contains(name.Identifier.Text) => FreeName(name),
        _ => null,
    };

    private static string? FreeName(IdentifierNameSyntax name) => name.Identifier.Text switch
    {
        "display" when name.Parent is not InvocationExpressionSyntax { ArgumentList.Arguments.Count: 1 } =>
            "display takes one value: display(value). It is no delegate.",
        "TensorStringStyle" => "TensorStringStyle alone is ambiguous in the real kernel. Write TorchSharp.TensorStringStyle.",
        var text when HostNames.Contains(text) => $"{text} is not the same in every host. A cell uses display(value), its handle's Update(value), and a trailing expression.",
        _ => null,
    };

    /// <summary>Whether the name stands for itself: no member of something, no name of an argument or a set property.</summary>
    private static bool IsFree(IdentifierNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access => access.Expression == name,
        QualifiedNameSyntax qualified => qualified.Left == name,
        MemberBindingExpressionSyntax or NameColonSyntax or NameEqualsSyntax => false,
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } assignment => assignment.Left != name,
        _ => true,
    };

    private static string? DeclaredName(SyntaxNode node) => node switch
    {
        VariableDeclaratorSyntax variable => variable.Identifier.Text,
        SingleVariableDesignationSyntax variable => variable.Identifier.Text,
        ParameterSyntax parameter => parameter.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        ForEachStatementSyntax loop => loop.Identifier.Text,
        EnumMemberDeclarationSyntax member => member.Identifier.Text,
        UsingDirectiveSyntax { Alias.Name.Identifier.Text: var alias } => alias,
        _ => null,
    };

    private static bool IsHostNamespace(string name) =>
        (name == "Microsoft.DotNet.Interactive" || name.StartsWith("Microsoft.DotNet.Interactive.") || name.StartsWith("C2FVL.Workbook"))
        && name != "Microsoft.DotNet.Interactive.Formatting";

    private static int FirstTokenLine(SyntaxTree tree)
    {
        SyntaxToken first = tree.GetRoot().GetFirstToken();
        return first.IsKind(SyntaxKind.None) ? int.MaxValue : LineOf(first.GetLocation());
    }

    private static int LineOf(Location location) => location.GetLineSpan().StartLinePosition.Line + 1;

    [GeneratedRegex(@"^\s*#((?<name>!)|(?<name>r|i|load)(?![A-Za-z]))")]
    private static partial Regex Directive();

    [GeneratedRegex(@"^\s*(await\s+)?using\s+[\w.<>\[\],?]+\s+\w+\s*=")]
    private static partial Regex UsingDeclaration();

    [GeneratedRegex(@"^\s*#r\s+""(?<path>[^""]*)""\s*(//.*)?$")]
    private static partial Regex Reference();
}
