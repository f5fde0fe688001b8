using System.Text.Json;
using System.Text.Json.Nodes;

namespace C2FVL.Workbook.Notebooks;

/// <summary>A cell's outputs in the notebook format's own form.</summary>
internal static class CellOutputs
{
    /// <summary>What was written to the console; <paramref name="name"/> is stdout or stderr.</summary>
    public static JsonObject Stream(string name, string text) =>
        new() { ["name"] = name, ["output_type"] = "stream", ["text"] = text };

    /// <summary>A shown value: one text (or base64) a mime type.</summary>
    /// <param name="bundle">From mime type to content.</param>
    /// <param name="executionCount">The cell's number where the value is the cell's trailing expression, else null.</param>
    public static JsonObject Display(IReadOnlyDictionary<string, string> bundle, int? executionCount)
    {
        JsonObject output = new() { ["data"] = Data(bundle), ["metadata"] = new JsonObject() };
        output["output_type"] = executionCount is null ? "display_data" : "execute_result";
        if (executionCount is int count)
            output["execution_count"] = count;
        return output;
    }

    /// <param name="bundle">From mime type to content.</param>
    public static JsonObject Data(IReadOnlyDictionary<string, string> bundle) =>
        new(bundle.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value)));

    public static JsonObject Error(CellFault fault) => new()
    {
        ["ename"] = fault.Kind,
        ["evalue"] = fault.Message,
        ["output_type"] = "error",
        ["traceback"] = new JsonArray([.. fault.ToString().Split('\n').Select(line => JsonValue.Create(line))]),
    };

    /// <summary>Whether content of this mime type is text that is stored line by line.</summary>
    private static bool IsText(string mime) => mime.StartsWith("text/") || mime is "image/svg+xml" or "application/javascript";

    /// <summary>Replaces each text of an output: what a stream printed, and a shown value in every type that is text.</summary>
    public static JsonObject WithTexts(JsonObject output, Func<string, JsonNode?> change)
    {
        if (output["text"] is JsonNode printed)
            output["text"] = change(Text(printed));
        if (output["data"] is JsonObject data)
        {
            foreach (string mime in data.Select(p => p.Key).Where(IsText).ToList())
                data[mime] = change(Text(data[mime]));
        }

        return output;
    }

    /// <summary>A text that may be stored as one string or as a list of lines; empty where there is none.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonArray lines => string.Concat(lines.Select(line => (string?)line)),
        _ when node.GetValueKind() == JsonValueKind.String => (string)node!,
        _ => node.ToJsonString(),
    };
}
