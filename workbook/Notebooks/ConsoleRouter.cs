using System.Text;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Sends what a cell writes to the console to the cell's output, and all else where it went before.</summary>
internal static class ConsoleRouter
{
    private static readonly Lazy<bool> Installed = new(() =>
    {
        Console.SetOut(new Router(Console.Out, "stdout"));
        Console.SetError(new Router(Console.Error, "stderr"));
        return true;
    });

    /// <summary>Puts the router in place, once a process.</summary>
    public static void Install() => _ = Installed.Value;

    private sealed class Router(TextWriter outside, string stream) : TextWriter
    {
        public override Encoding Encoding => outside.Encoding;

        public override void Write(char value)
        {
            if (CellSink.Current is { } sink)
                sink.Print(stream, value.ToString());
            else
                outside.Write(value);
        }

        public override void Write(string? value)
        {
            if (CellSink.Current is { } sink)
                sink.Print(stream, value ?? "");
            else
                outside.Write(value);
        }

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void WriteLine(string? value) => Write(value + NewLine);

        public override void Flush() => outside.Flush();
    }
}
