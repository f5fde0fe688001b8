using System.Text.Json.Nodes;

namespace C2FVL.Workbook.Notebooks;

/// <summary>A notebook: its cells in reading order.</summary>
internal sealed record Notebook
{
    /// <summary>The folder of the exercises' solutions, in that of the notebooks.</summary>
    public const string Solutions = "solutions";

    /// <summary>The file's name without its ending, such as <c>03-training</c> or <c>solutions/03-training</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it solves exercises of the notebook that has the same number.</summary>
    public bool IsSolution => Name.StartsWith(Solutions + "/", StringComparison.Ordinal);

    /// <summary>The name of a notebook's file.</summary>
    public static string NameOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return Path.GetFileName(Path.GetDirectoryName(path)) == Solutions ? $"{Solutions}/{name}" : name;
    }

    public required IReadOnlyList<NotebookCell> Cells { get; init; }

    /// <summary>The notebook's metadata as it was read.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>The code cells; the first has number 1, which is also the number a host shows beside it.</summary>
    public IEnumerable<NotebookCell> CodeCells => Cells.Where(cell => cell.Kind == CellKind.Code);

    /// <summary>The first heading, or the name where there is none.</summary>
    public string Title => Cells
        .Where(cell => cell.Kind == CellKind.Markdown)
        .SelectMany(cell => cell.Source.Split('\n'))
        .Where(line => line.StartsWith("# "))
        .Select(line => line[2..].Trim())
        .FirstOrDefault(Name);
}

/// <summary>One cell of a notebook.</summary>
internal sealed record NotebookCell
{
    public required string Id { get; init; }

    public required CellKind Kind { get; init; }

    /// <summary>The text, lines ended by <c>\n</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The cell's metadata as it was read.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>Outputs in the notebook format's own form; see <see cref="CellOutputs"/>. Empty but for code cells.</summary>
    public JsonArray Outputs { get; set; } = [];

    /// <summary>The number in brackets beside a code cell that was run.</summary>
    public int? ExecutionCount { get; set; }

    /// <summary>Keys beside the known ones, such as a markdown cell's attachments.</summary>
    public JsonObject Others { get; init; } = [];

    /// <summary>Whether the cell is tagged <c>volatile</c>: what it shows differs from run to run (times, memory, this machine), so it is not stored.</summary>
    public bool IsVolatile => Metadata["tags"] is JsonArray tags && tags.Any(tag => tag?.ToString() == "volatile");
}

/// <summary>What a cell holds.</summary>
internal enum CellKind { Code, Markdown, Raw }
