using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// The assemblies that a cell's code is compiled against: the framework's, and after <c>#r</c> the library with all it
/// refers to. They are the files this process itself runs on, so that a cell's types are the runner's own.
/// </summary>
internal static class ScriptReferences
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Trusted = new(() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .DistinctBy(Path.GetFileNameWithoutExtension)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path)!));

    private static readonly string FrameworkFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static readonly Lazy<IReadOnlyList<MetadataReference>> FrameworkFiles = new(() =>
        [.. Trusted.Value.Values.Where(IsFramework).Select(path => MetadataReference.CreateFromFile(path))]);

    private static readonly Lazy<IReadOnlyList<(string, MetadataReference)>> LibraryFiles = new(() =>
        [.. LibraryClosure().Select(path => (Path.GetFileNameWithoutExtension(path), (MetadataReference)MetadataReference.CreateFromFile(path)))]);

    public static IReadOnlyList<MetadataReference> Framework => FrameworkFiles.Value;

    /// <summary>The library and what it refers to beyond the framework: simple names and references.</summary>
    public static IReadOnlyList<(string Name, MetadataReference Reference)> Library => LibraryFiles.Value;

    private static bool IsFramework(string path) => Path.GetDirectoryName(path) == FrameworkFolder;

    private static List<string> LibraryClosure()
    {
        var closure = new List<string>();
        var open = new Queue<string>(["C2FVL.Lib"]);
        var seen = new HashSet<string>();
        while (open.TryDequeue(out string? name))
        {
            if (!seen.Add(name) || !Trusted.Value.TryGetValue(name, out string? path) || IsFramework(path))
                continue;
            closure.Add(path);
            using var file = new PEReader(File.OpenRead(path));
            MetadataReader metadata = file.GetMetadataReader();
            foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
                open.Enqueue(metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        }

        return closure;
    }
}
