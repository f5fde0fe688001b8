using System.Text.Json.Nodes;

namespace C2FVL.Workbook.Notebooks;

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
