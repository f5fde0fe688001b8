using System.Text;
using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Formatting;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// Takes what one cell prints and shows, in order. It belongs to the cell's flow of execution, so that threads the cell
/// starts write to it too, and other work of the process does not.
/// </summary>
internal sealed class CellSink
{
    private static readonly AsyncLocal<CellSink?> Flow = new();

    private readonly Lock gate = new();
    private readonly List<object> entries = [];

    /// <summary>The sink of the running cell; null outside cells.</summary>
    public static CellSink? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>The values that stand shown.</summary>
    public IReadOnlyList<ShownValue> Shown
    {
        get
        {
            lock (gate)
                return [.. entries.OfType<ShownValue>()];
        }
    }

    public void Print(string stream, string text)
    {
        lock (gate)
        {
            if (entries.LastOrDefault() is not Printed last || last.Stream != stream)
                entries.Add(last = new Printed(stream, new StringBuilder()));
            last.Text.Append(text);
        }
    }

    public DisplayHandle Display(object? value, bool isResult = false)
    {
        var shown = new ShownValue(value, Format(value), isResult);
        int place;
        lock (gate)
        {
            place = entries.Count;
            entries.Add(shown);
        }

        return new DisplayHandle(other =>
        {
            var next = new ShownValue(other, Format(other), isResult);
            lock (gate)
                entries[place] = next;
        });
    }

    /// <summary>The outputs in the notebook format's form.</summary>
    /// <param name="executionCount">The cell's number.</param>
    public JsonArray ToJson(int executionCount)
    {
        lock (gate)
        {
            return new JsonArray([.. entries.Select(entry => entry switch
            {
                Printed printed => CellOutputs.Stream(printed.Stream, AsTerminal(printed.Text.ToString())),
                ShownValue shown => CellOutputs.Display(shown.Bundle, shown.IsResult ? executionCount : null),
                _ => throw new InvalidOperationException(),
            })]);
        }
    }

    /// <summary>The value in each mime type that its formatter prefers, and always as plain text for viewers that show nothing else.</summary>
    private static IReadOnlyDictionary<string, string> Format(object? value)
    {
        IEnumerable<string> mimes = value is null
            ? [PlainTextFormatter.MimeType]
            : Formatter.GetPreferredMimeTypesFor(value.GetType()).Append(PlainTextFormatter.MimeType).Distinct();
        return mimes.ToDictionary(mime => mime, mime => value.ToDisplayString(mime).ReplaceLineEndings("\n"));
    }

    /// <summary>Text as a terminal leaves it: a carriage return starts its line anew.</summary>
    private static string AsTerminal(string text)
    {
        text = text.Replace("\r\n", "\n");
        return text.Contains('\r') ? string.Join('\n', text.Split('\n').Select(line => line.TrimEnd('\r').Split('\r')[^1])) : text;
    }

    private sealed record Printed(string Stream, StringBuilder Text);
}
