using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Evaluation;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// The option <c>--json</c>: the result as one JSON document on the output stream, all messages on the error stream.
/// </summary>
internal sealed class JsonOption
{
    private readonly Option<bool> option = new("--json")
    {
        Description =
            "Write the result as one JSON document to the output stream, and all messages to the error stream.",
    };

    public JsonOption(Command command) => command.Options.Add(option);

    /// <summary>The option itself.</summary>
    public Option Option => option;

    /// <summary>
    /// Sends messages to the error stream from here on, where the option is given; disposing it ends that.
    /// </summary>
    public JsonOutput Begin(ParseResult parsed) => new(parsed.GetValue(option));
}

/// <summary>Where a command's JSON goes; nowhere without <c>--json</c>.</summary>
internal sealed class JsonOutput : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull(), new JsonStringEnumConverter() },
    };

    private readonly TextWriter? output;
    private readonly IAnsiConsole? console;

    public JsonOutput(bool isOn)
    {
        if (!isOn)
            return;
        (output, console) = (Console.Out, AnsiConsole.Console);
        Console.SetOut(Console.Error);
        AnsiConsole.Console = AnsiConsole
            .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    }

    /// <summary>Writes the result, where JSON is asked for.</summary>
    public void Write(Func<object> result)
    {
        output?.WriteLine(JsonSerializer.Serialize(result(), Json));
        output?.Flush();
    }

    public void Dispose()
    {
        if (output is null)
            return;
        Console.SetOut(output);
        AnsiConsole.Console = console!;
    }

    /// <summary>Scores from 0 to 1 with their 95 % intervals; distances in pixels.</summary>
    public static object Of(IReadOnlyList<CaseScore> cases)
    {
        ScoreSummary s = ScoreSummary.Of(cases);
        return new
        {
            s.Cases, s.Patients,
            s.MeanDice, s.MeanIoU, s.MeanSensitivity, s.MeanPrecision,
            s.PooledDice, s.PooledIoU, s.PooledSensitivity, s.PooledPrecision,
            s.MeanHd95, s.MeanAssd, s.CasesWithDistances, s.SecondsPerCase,
        };
    }

    /// <summary>A file's error.</summary>
    public static object Of(DataFault fault) => new { fault.File, fault.Row, fault.Problem, fault.Cure };

    /// <summary>JSON has no NaN: what there is no number for is null.</summary>
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
