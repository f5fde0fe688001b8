using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace C2FVL.Tests.Support;

/// <summary>Rules of the source that no compiler keeps.</summary>
public sealed partial class SourceRulesTests
{
    /// <summary>With a parameter's name .NET ends the message in "(Parameter 'name')", which says nothing to a user.</summary>
    [Fact]
    public void ErrorsOfArgumentsNameNoParameter()
    {
        string[] wrong = [.. from folder in new[] { "lib", "workbook" }
                             from file in Directory.EnumerateFiles(Path.Combine(SharedData.Repository, folder), "*.cs", SearchOption.AllDirectories)
                             where !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)
                             from line in File.ReadLines(file)
                             where NamesAParameter().IsMatch(line)
                             select $"{Path.GetFileName(file)}: {line.Trim()}"];
        Assert.Empty(wrong);
    }

    /// <summary>
    /// Private fields begin with a small letter, but for what is static or constant and for models' PyTorch names, and
    /// namespaces have no block. The compiler's own check (EnforceCodeStyleInBuild) doubles the library's build time.
    /// </summary>
    [Fact]
    public void FieldsAreCamelCaseAndNamespacesHaveNoBlock()
    {
        string models = Path.Combine("lib", "Models");
        string[] wrong = [.. from folder in new[] { "lib", "workbook", "tests" }
                             from file in Directory.EnumerateFiles(
                                 Path.Combine(SharedData.Repository, folder), "*.cs", SearchOption.AllDirectories)
                             where !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)
                             from node in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes()
                             where node is NamespaceDeclarationSyntax
                                || (node is FieldDeclarationSyntax field && !file.Contains(models) && IsMisnamed(field))
                             select $"{Path.GetFileName(file)}: {node.ToString().Split('\n')[0]}"];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    /// <summary>
    /// libtorch has one generator for all threads, and the process one count of memory. A class that trains or draws
    /// from it therefore stands in a collection that runs while no other test does.
    /// </summary>
    [Fact]
    public void ATestThatDrawsFromLibtorchRunsAlone()
    {
        string[] wrong = [.. from file in Directory.EnumerateFiles(
                                 Path.Combine(SharedData.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories)
                             where !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)
                             let text = File.ReadAllText(file)
                             where Draws().IsMatch(text) && !text.Contains("[Collection(", StringComparison.Ordinal)
                             select Path.GetFileName(file)];
        Assert.True(wrong.Length == 0, $"Add [Collection(nameof(SeededTorch))] to {string.Join(", ", wrong)}.");
    }

    [GeneratedRegex(@"manual_seed|Seeds\.Torch\(|GetOrTrain\(|TrainerTests\.Fit\(|\brandn?\(")]
    private static partial Regex Draws();

    private static bool IsMisnamed(FieldDeclarationSyntax field)
    {
        SyntaxKind[] free = [
            SyntaxKind.StaticKeyword, SyntaxKind.ConstKeyword, SyntaxKind.PublicKeyword, SyntaxKind.InternalKeyword,
            SyntaxKind.ProtectedKeyword];
        return !field.Modifiers.Any(modifier => free.Contains(modifier.Kind()))
            && field.Declaration.Variables.Any(variable => !char.IsLower(variable.Identifier.Text[0]));
    }

    /// <summary>
    /// <c>this.</c> stands only where a parameter or a local hides the member; the compiler's own check of this rule,
    /// IDE0003, runs in editors alone.
    /// </summary>
    [Fact]
    public void ThisStandsOnlyWhereANameIsHidden()
    {
        string[] wrong = [.. from folder in new[] { "lib", "workbook", "tests" }
                             from file in Directory.EnumerateFiles(
                                 Path.Combine(SharedData.Repository, folder), "*.cs", SearchOption.AllDirectories)
                             where !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)
                             let text = File.ReadAllText(file)
                             where text.Contains("this.", StringComparison.Ordinal)
                             from access in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes()
                                 .OfType<MemberAccessExpressionSyntax>()
                             where access.Expression is ThisExpressionSyntax && !IsHidden(access)
                             select $"{Path.GetFileName(file)}: {access}"];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    /// <summary>Whether the member that holds the access names something else so, as a type or a parameter.</summary>
    private static bool IsHidden(MemberAccessExpressionSyntax access)
    {
        SyntaxNode scope = access.Ancestors().First(node => node is MemberDeclarationSyntax);
        string name = access.Name.Identifier.Text;
        return scope.DescendantTokens().Any(token => token.IsKind(SyntaxKind.IdentifierToken) && token.Text == name
            && token.Parent is ParameterSyntax or VariableDeclaratorSyntax or SingleVariableDesignationSyntax
                or ForEachStatementSyntax);
    }

    [GeneratedRegex(@"ArgumentException\(.*, (nameof\([^)]*\)|[a-z]\w*)\);|Argument(OutOfRange|Null)Exception[.(]")]
    private static partial Regex NamesAParameter();
}
