using System.Text.Json.Nodes;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

/// <summary>Small notebooks for tests, in memory and as a checkout in a temporary folder.</summary>
internal static class TestNotebooks
{
    public const string Reference = $"#r \"{CellGuard.LibraryPath}\"\n";

    public static NotebookCell Code(string source, string id = "") => new() { Id = id.Length > 0 ? id : Guid.NewGuid().ToString("n")[..8], Kind = CellKind.Code, Source = source };

    public static NotebookCell Markdown(string source) => new() { Id = Guid.NewGuid().ToString("n")[..8], Kind = CellKind.Markdown, Source = source };

    public static Notebook Of(string name, params NotebookCell[] cells) => new() { Name = name, Cells = cells };

    /// <summary>Code cells alone.</summary>
    public static Notebook OfCode(params string[] sources) => Of("01-test", [.. sources.Select(source => Code(source))]);

    /// <summary>Stores notebooks in notebooks/ of a folder that stands for a checkout.</summary>
    public static RunSettings Checkout(TemporaryFolder folder, params Notebook[] notebooks)
    {
        foreach (Notebook notebook in notebooks)
            NotebookFile.Write(folder["notebooks", notebook.Name + ".ipynb"], notebook);
        Directory.CreateSymbolicLink(folder["bin"], Path.Combine(SharedData.Repository, "bin"));
        return new RunSettings { Root = folder.Path };
    }

    /// <summary>The text of an output: what was printed, or the shown value as plain text.</summary>
    public static string Text(JsonNode? output) => CellOutputs.Text(output!["text"] ?? output["data"]!["text/plain"]);
}
