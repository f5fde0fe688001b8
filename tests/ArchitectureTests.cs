using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Workspace = C2FVL.Platform.Workspace;

namespace C2FVL.Tests;

/// <summary>
/// The library's folders depend on each other one way only. The compiler's own view of lib/ is compared with the list
/// in <see cref="Allowed"/>, the one that ARCHITECTURE.md explains.
/// </summary>
public sealed partial class ArchitectureTests
{
    /// <summary>What a folder of lib/ may use, besides itself.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Platform"] = [],
        ["Data"] = ["Platform"],
        ["Phantoms"] = ["Platform", "Data"],
        ["Figures"] = ["Platform", "Data"],
        ["Models"] = ["Platform", "Data"],
        ["Evaluation"] = ["Platform", "Data", "Models"],
        ["Training"] = ["Platform", "Data", "Models", "Evaluation"],
        ["Interpretation"] = ["Platform", "Data", "Models", "Evaluation"],
        ["Experiments"] = ["Platform", "Data", "Phantoms", "Figures", "Models", "Evaluation", "Training", "Interpretation"],
    };

    /// <summary>Models read a report's text vector and nothing else of the data.</summary>
    private static readonly string[] DataForModels = ["TextVector"];

    /// <summary>
    /// Packages whose assemblies no assembly of ours names: natives, what the notebooks' kernel loads by itself, what
    /// other packages need at a fixed version, and the test runner.
    /// </summary>
    private static readonly string[] NotReferenced =
    [
        "libtorch-cpu-$(RuntimeIdentifier)", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows",
        "SkiaSharp.NativeAssets.Linux.NoDependencies", "Plotly.NET.Interactive", "xunit.v3",
    ];

    private static readonly Lazy<IReadOnlyList<Dependency>> Found = new(FindAll);

    [Fact]
    public void EveryFolderUsesOnlyWhatItMay()
    {
        string[] forbidden = [.. Found.Value
            .Where(d => d.From != d.To && !Allowed.GetValueOrDefault(d.From, []).Contains(d.To))
            .Select(d => $"lib/{d.File}: {d.From} must not use {d.To} ({d.What}).")
            .Distinct()];
        Assert.True(forbidden.Length == 0, string.Join("\n", forbidden));
    }

    [Fact]
    public void ModelsKnowNoDataButTheTextVector()
    {
        string[] forbidden = [.. Found.Value
            .Where(d => d is { From: "Models", To: "Data", IsUsing: false } && !DataForModels.Contains(d.What))
            .Select(d => $"lib/{d.File} uses {d.What}.")
            .Distinct()];
        Assert.True(forbidden.Length == 0, string.Join("\n", forbidden));
    }

    [Fact]
    public void EveryFolderIsInTheList()
    {
        string[] folders = [.. Directory.EnumerateDirectories(Path.Combine(Workspace.Root, "lib"))
            .Select(Path.GetFileName).OfType<string>().Order()];
        Assert.Equal(Allowed.Keys.Order(), folders);
        Assert.Contains(Found.Value, d => d is { From: "Training", To: "Models", IsUsing: false });
    }

    [Fact]
    public void NamespacesFollowFolders()
    {
        string[] wrong = [.. Sources().Select(s => (s.File, Namespace: s.Tree.GetRoot(TestContext.Current.CancellationToken)
                .DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString()))
            .Where(s => s.Namespace is not null && !IsNamespaceOf(s.Namespace, s.File))
            .Select(s => $"lib/{s.File} declares {s.Namespace}.")];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    /// <summary>A package stays only where code of ours uses it, or the list says why it is there.</summary>
    [Fact]
    public void EveryPackageIsUsed()
    {
        (string Project, string Assembly)[] projects = [
            ("C2FVL.Lib.csproj", "C2FVL.Lib.dll"), ("workbook/Workbook.csproj", "workbook.dll"),
            ("tests/Tests.csproj", "C2FVL.Tests.dll")];
        using JsonDocument dependencies = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "C2FVL.Tests.deps.json")));
        Dictionary<string, JsonElement> resolved = dependencies.RootElement.GetProperty("targets").EnumerateObject()
            .SelectMany(target => target.Value.EnumerateObject())
            .ToDictionary(package => package.Name.Split('/')[0].ToLowerInvariant(), package => package.Value);
        string[] unused = [.. from project in projects
                              let references = ReferencesOf(Path.Combine(AppContext.BaseDirectory, project.Assembly))
                              from package in PackagesOf(Path.Combine(Workspace.Root, project.Project))
                              where !NotReferenced.Contains(package)
                              where !AssembliesOf(resolved[package.ToLowerInvariant()]).Any(references.Contains)
                              select $"{project.Project} has {package}, and {project.Assembly} does not use it."];
        Assert.True(unused.Length == 0, string.Join("\n", unused));
    }

    [Fact]
    public void NoLineOfTheLibraryIsLongerThan120Columns()
    {
        string lib = Path.Combine(Workspace.Root, "lib");
        string[] files = Directory.GetFiles(lib, "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        string[] tooLong = [.. from file in files
                               from line in File.ReadLines(file).Index()
                               where line.Item.Length > 120
                               select $"{Path.GetRelativePath(lib, file)}:{line.Index + 1}"];
        Assert.True(tooLong.Length == 0, string.Join("\n", tooLong));
    }

    [Fact]
    public void ThePageNamesOnlyFilesThatAreThere()
    {
        string[] named = [.. Link().Matches(File.ReadAllText(Path.Combine(Workspace.Root, "ARCHITECTURE.md")))
            .Select(link => link.Groups[1].Value)];
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, file => !Path.Exists(Path.Combine(Workspace.Root, file)));
    }

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    private static IEnumerable<string> PackagesOf(string project) =>
        XDocument.Load(project).Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value);

    private static IEnumerable<string> AssembliesOf(JsonElement package) =>
        package.TryGetProperty("runtime", out JsonElement files)
            ? files.EnumerateObject().Select(file => Path.GetFileNameWithoutExtension(file.Name))
            : [];

    private static HashSet<string> ReferencesOf(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences
            .Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))];
    }

    /// <summary>Folders without a namespace of their own hold files alone.</summary>
    private static bool IsNamespaceOf(string name, string file) =>
        name == "C2FVL." + Path.GetDirectoryName(file)!.Replace(Path.DirectorySeparatorChar, '.');

    private static List<Dependency> FindAll()
    {
        (string File, SyntaxTree Tree)[] sources = [.. Sources()];
        string[] assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation library = CSharpCompilation.Create(
            "lib",
            sources.Select(s => s.Tree),
            assemblies.Where(a => Path.GetFileName(a) != "C2FVL.Lib.dll").Select(a => MetadataReference.CreateFromFile(a)));
        Dictionary<SyntaxTree, string> files = sources.ToDictionary(s => s.Tree, s => s.File);

        List<Dependency> found = [];
        foreach ((string file, SyntaxTree tree) in sources)
        {
            SemanticModel meaning = library.GetSemanticModel(tree);
            foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
            {
                if (node is UsingDirectiveSyntax { Name: { } name } && name.ToString() is var used && used.StartsWith("C2FVL."))
                    found.Add(new Dependency(file, FolderOf(file), used.Split('.')[1], used, IsUsing: true));
                if (node is not SimpleNameSyntax || meaning.GetSymbolInfo(node).Symbol is not { } symbol)
                    continue;
                INamedTypeSymbol? type = Outermost(symbol as INamedTypeSymbol ?? symbol.ContainingType);
                if (type?.DeclaringSyntaxReferences.FirstOrDefault() is { } declared && files.TryGetValue(declared.SyntaxTree, out string? other))
                    found.Add(new Dependency(file, FolderOf(file), FolderOf(other), type.Name, IsUsing: false));
            }
        }

        return found;
    }

    private static INamedTypeSymbol? Outermost(INamedTypeSymbol? type)
    {
        while (type?.ContainingType is { } outer)
            type = outer;
        return type;
    }

    private static IEnumerable<(string File, SyntaxTree Tree)> Sources()
    {
        string lib = Path.Combine(Workspace.Root, "lib");
        const string Implicit = "global using System; global using System.IO; global using System.Linq; global using System.Threading;"
            + " global using System.Collections.Generic; global using System.Threading.Tasks; global using System.Net.Http;";
        var options = new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: ["C2FVL_LIB", "NET", "NET10_0"]);
        yield return ("", CSharpSyntaxTree.ParseText(Implicit, options));
        foreach (string path in Directory.EnumerateFiles(lib, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            yield return (Path.GetRelativePath(lib, path), CSharpSyntaxTree.ParseText(File.ReadAllText(path), options, path));
    }

    private static string FolderOf(string file) => file.Split(Path.DirectorySeparatorChar)[0];

    /// <summary>A file of one folder that uses a type, or the namespace, of another.</summary>
    private sealed record Dependency(string File, string From, string To, string What, bool IsUsing);
}
