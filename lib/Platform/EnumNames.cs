using System.Text.Json;
using System.Text.Json.Serialization;

namespace C2FVL.Platform;

/// <summary>
/// Enums in JSON by their names alone. The serializer's own converter also takes any number, so that a value without
/// a name would pass.
/// </summary>
public sealed class EnumNames : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Names<>).MakeGenericType(typeToConvert))!;

    private sealed class Names<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string text = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : JsonDocument.ParseValue(ref reader).RootElement.GetRawText();
            return Enum.GetValues<T>().Cast<T?>()
                .FirstOrDefault(value => text.Equals($"{value}", StringComparison.OrdinalIgnoreCase))
                ?? throw new JsonException($"{text} is not one of {string.Join(", ", Enum.GetNames<T>())}.");
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Enum.IsDefined(value)
                ? value.ToString()
                : throw new JsonException($"{value:D} is not one of {string.Join(", ", Enum.GetNames<T>())}."));
    }
}

/// <summary>How the library writes JSON.</summary>
internal static class JsonFormat
{
    /// <summary>Files: indented, lines that end alike on every system, enums by name.</summary>
    public static JsonSerializerOptions File { get; } = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new EnumNames() },
    };

    /// <summary>The same for what people write by hand: what is unknown, null or doubled is an error.</summary>
    public static JsonSerializerOptions Strict { get; } = new(File)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>One line: what a process tells another, and a checkpoint's state, where a number may be NaN.</summary>
    public static JsonSerializerOptions Line { get; } = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IncludeFields = true,
        Converters = { new EnumNames() },
    };
}
