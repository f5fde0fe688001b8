using System.Text;
using System.Text.Json.Nodes;

namespace C2FVL.Workbook.Notebooks;

/// <summary>What one cell printed and showed, in order, and why it stopped.</summary>
internal sealed class CellResult
{
    private readonly List<ShownValue> shown = [];
    private readonly JsonArray outputs = [];
    private readonly StringBuilder printed = new();
    private string stream = "";

    /// <summary>The outputs in the notebook format's own form.</summary>
    public JsonArray Outputs
    {
        get
        {
            EndStream();
            return outputs;
        }
    }

    /// <summary>The values on show, as they stand.</summary>
    public IReadOnlyList<ShownValue> Shown => shown;

    /// <summary>Why the cell stopped; null where it ran to its end.</summary>
    public CellFault? Fault { get; set; }

    /// <summary>Adds to the console's text; what follows on the same stream is one output.</summary>
    public void Print(string name, string text)
    {
        if (name != stream)
            EndStream();
        stream = name;
        printed.Append(text);
    }

    public ShownValue Show(object? value, IReadOnlyDictionary<string, string> bundle, int? executionCount)
    {
        var added = new ShownValue(value, CellOutputs.Display(bundle, executionCount));
        shown.Add(added);
        Outputs.Add(added.Output);
        return added;
    }

    private void EndStream()
    {
        if (printed.Length > 0)
            outputs.Add(CellOutputs.Stream(stream, printed.ToString().ReplaceLineEndings("\n")));
        printed.Clear();
    }
}

/// <summary>A value on show; an update, also one from a later cell, takes its place.</summary>
internal sealed class ShownValue(object? value, JsonObject output)
{
    /// <summary>The value itself, for saving figures and tables.</summary>
    public object? Value { get; private set; } = value;

    /// <summary>Its output in the notebook format's own form.</summary>
    public JsonObject Output => output;

    public void Replace(object? other, IReadOnlyDictionary<string, string> bundle)
    {
        Value = other;
        output["data"] = CellOutputs.Data(bundle);
    }
}
