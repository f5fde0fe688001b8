using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using C2FVL.Platform;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// Notebooks as files: nbformat 4.5 with the metadata that .NET Interactive, VS Code and Jupyter read. The same notebook
/// is always the same bytes: sorted keys, one space of indentation, texts as lists of lines, as Jupyter writes them.
/// Microsoft.DotNet.Interactive.Documents turns raw cells into code, drops attachments and rewrites pictures as lists.
/// </summary>
internal static class NotebookFile
{
    /// <summary>The size, in bytes, that a stored notebook stays under.</summary>
    public const int MaxBytes = 2 << 20;

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] KnownCellKeys = ["cell_type", "execution_count", "id", "metadata", "outputs", "source"];

    // What hosts note about a single run of a cell: times.
    private static readonly string[] TransientMetadata = ["execution", "ExecuteTime"];

    /// <exception cref="InvalidDataException">The file is no notebook of format 4; the message names it.</exception>
    public static Notebook Read(string path)
    {
        try
        {
            return Parse(Notebook.NameOf(path), File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not a notebook of format 4: {e.Message}", e);
        }
    }

    /// <summary>Writes the notebook whole or not at all.</summary>
    /// <exception cref="InvalidDataException">It would not stay under <see cref="MaxBytes"/>; the message names the largest output.</exception>
    public static void Write(string path, Notebook notebook)
    {
        byte[] bytes = ToBytes(notebook);
        if (bytes.Length > MaxBytes)
            throw new InvalidDataException($"{path} would take {TooLarge(bytes.Length, notebook)}");
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <returns>That the notebook does not stay under <see cref="MaxBytes"/>, as an error; null where it does.</returns>
    public static string? TooLarge(Notebook notebook)
    {
        int bytes = ToBytes(notebook).Length;
        return bytes > MaxBytes ? $"The notebook would take {TooLarge(bytes, notebook)}" : null;
    }

    /// <summary>The file's content.</summary>
    public static byte[] ToBytes(Notebook notebook)
    {
        var root = new JsonObject
        {
            ["cells"] = new JsonArray([.. notebook.Cells.Select(ToJson)]),
            ["metadata"] = WithHosts(notebook.Metadata),
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Layout))
            Sorted(root)!.WriteTo(writer);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static Notebook Parse(string name, string json)
    {
        JsonObject root = JsonNode.Parse(json)?.AsObject() ?? throw new FormatException("it is empty");
        if ((int?)root["nbformat"] != 4)
            throw new FormatException($"nbformat is {root["nbformat"]?.ToJsonString() ?? "missing"}, not 4");

        var cells = new List<NotebookCell>();
        var ids = new HashSet<string>();
        foreach (JsonNode? node in root["cells"]?.AsArray() ?? throw new FormatException("it has no cells"))
        {
            JsonObject json1 = node as JsonObject ?? throw new FormatException(
                $"cell {cells.Count + 1} is {node?.ToJsonString() ?? "null"}, not an object. Delete it, or restore the file");
            string source = CellOutputs.Text(json1["source"]).ReplaceLineEndings("\n");
            CellKind kind = (string?)json1["cell_type"] switch
            {
                "code" => CellKind.Code,
                "markdown" => CellKind.Markdown,
                "raw" => CellKind.Raw,
                var other => throw new FormatException($"cell {cells.Count + 1} has the unknown type {other}"),
            };
            string id = (string?)json1["id"] is { Length: > 0 } kept && ids.Add(kept) ? kept : NewId(ids, cells.Count, source);
            cells.Add(new NotebookCell
            {
                Id = id,
                Kind = kind,
                Source = source,
                Metadata = json1["metadata"]?.DeepClone().AsObject() ?? [],
                Outputs = json1["outputs"]?.DeepClone().AsArray() ?? [],
                ExecutionCount = (int?)json1["execution_count"],
                Others = new JsonObject(json1.Where(p => !KnownCellKeys.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))),
            });
        }

        return new Notebook { Name = name, Cells = cells, Metadata = root["metadata"]?.DeepClone().AsObject() ?? [] };
    }

    /// <summary>An id that depends on nothing but the cell's place and text, so that it is the same whenever the file is read.</summary>
    private static string NewId(HashSet<string> taken, int place, string source)
    {
        for (int salt = place; ; salt += 1000)
        {
            string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\n{source}")))[..8];
            if (taken.Add(id))
                return id;
        }
    }

    private static JsonNode ToJson(NotebookCell cell)
    {
        var json = new JsonObject(cell.Others.Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())))
        {
            ["cell_type"] = cell.Kind.ToString().ToLowerInvariant(),
            ["id"] = cell.Id,
            ["metadata"] = cell.Metadata.DeepClone(),
            ["source"] = Lines(cell.Source),
        };
        JsonObject metadata = json["metadata"]!.AsObject();
        foreach (string key in TransientMetadata)
            metadata.Remove(key);
        if (cell.Kind != CellKind.Code)
            return json;

        Child(metadata, "dotnet_interactive")["language"] = "csharp";
        Child(metadata, "polyglot_notebook")["kernelName"] = "csharp";
        json["execution_count"] = cell.ExecutionCount;
        json["outputs"] = new JsonArray([.. cell.Outputs.Select(output => CellOutputs.WithTexts(output!.DeepClone().AsObject(), Lines))]);
        return json;
    }

    private static JsonObject WithHosts(JsonObject metadata)
    {
        metadata = metadata.DeepClone().AsObject();
        JsonObject kernel = Child(metadata, "kernelspec");
        kernel["display_name"] = ".NET (C#)";
        kernel["language"] = "C#";
        kernel["name"] = ".net-csharp";
        Child(metadata, "language_info")["name"] = "polyglot-notebook";
        Child(metadata, "polyglot_notebook")["kernelInfo"] = new JsonObject
        {
            ["defaultKernelName"] = "csharp",
            ["items"] = new JsonArray(new JsonObject { ["aliases"] = new JsonArray(), ["name"] = "csharp" }),
        };
        return metadata;
    }

    private static JsonObject Child(JsonObject parent, string key)
    {
        if (parent[key] is not JsonObject child)
            parent[key] = child = [];
        return child;
    }

    /// <summary>A text as the list of its lines, each but the last with its line end.</summary>
    private static JsonArray Lines(string text)
    {
        string[] lines = text.Split('\n');
        IEnumerable<string> ended = lines.Select((line, i) => i < lines.Length - 1 ? line + "\n" : line).Where(line => line.Length > 0);
        return new JsonArray([.. ended.Select(line => JsonValue.Create(line))]);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static string TooLarge(int bytes, Notebook notebook)
    {
        (int Cell, string Kind, int Size)[] outputs = [.. notebook.CodeCells.SelectMany((cell, i) =>
            cell.Outputs.SelectMany(output => output!["data"] is JsonObject data ? data : output.AsObject(),
            (_, p) => (i + 1, p.Key, CellOutputs.Text(p.Value).Length)))];
        string limit = $"{Megabytes(bytes)}, and a notebook must stay under {Megabytes(MaxBytes)}.";
        if (outputs.Length == 0)
            return limit + " Its text alone is too long: split the notebook.";
        (int largest, string kind, int size) = outputs.MaxBy(o => o.Size);
        return limit + $" The largest output is the {kind} of code cell {largest}, {Megabytes(size)}. Show less, or a "
            + "smaller figure.";
    }

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / (double)(1 << 20):0.0} MB");
}
