using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// The options whose values are numbers or names. All commands make them here, so that each is read one way: numbers
/// as in English with a range, names without regard to case, and nothing else is guessed.
/// </summary>
internal static class OptionParsers
{
    /// <summary>One of an enum's names.</summary>
    public static Option<T> Choice<T>(string name, string description, T standard)
        where T : struct, Enum =>
        new(name) { Description = description, DefaultValueFactory = _ => standard, CustomParser = ParseChoice<T> };

    /// <summary>One of an enum's names, or null where the option is not given.</summary>
    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum => new(name) { Description = description, CustomParser = result => ParseChoice<T>(result) };

    /// <summary>Any number of an enum's names.</summary>
    public static Option<T[]> Choices<T>(string name, string description)
        where T : struct, Enum =>
        new(name) { Description = description, CustomParser = result => [.. result.Tokens.Select(t => ParseChoice<T>(result, t.Value))] };

    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int standard, int least, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => standard,
        CustomParser = result => ParseWhole(result, least, most),
    };

    /// <summary>A whole number, or null where the option is not given.</summary>
    public static Option<int?> Whole(string name, string description, int least, int most) =>
        new(name) { Description = description, CustomParser = result => ParseWhole(result, least, most) };

    /// <summary>A number.</summary>
    public static Option<double> Real(string name, string description, double standard, double least, double most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => standard,
        CustomParser = result => ParseReal(result, least, most),
    };

    /// <summary>A number, or null where the option is not given.</summary>
    public static Option<double?> Real(string name, string description, double least, double most) =>
        new(name) { Description = description, CustomParser = result => ParseReal(result, least, most) };

    private static T ParseChoice<T>(ArgumentResult result)
        where T : struct, Enum => ParseChoice<T>(result, result.Tokens.Single().Value);

    private static T ParseChoice<T>(ArgumentResult result, string text)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
                return value;
        }

        result.AddError($"{NameOf(result)} is {text}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        return default;
    }

    private static int ParseWhole(ArgumentResult result, int least, int most)
    {
        string text = result.Tokens.Single().Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            && value >= least && value <= most)
            return value;
        string range = most == int.MaxValue
            ? least == int.MinValue ? "a whole number" : $"a whole number of at least {least}"
            : $"a whole number from {least} to {most}";
        result.AddError($"{NameOf(result)} is {text}; it must be {range}.");
        return least;
    }

    private static double ParseReal(ArgumentResult result, double least, double most)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        string text = result.Tokens.Single().Value;
        if (double.TryParse(text, style, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most)
            return value;

        // A comma is a decimal sign in much of the world; it is never read as one, nor passed over.
        string asPoint = text.Replace(',', '.');
        string cure = text.Contains(',') && double.TryParse(asPoint, style, CultureInfo.InvariantCulture, out _)
            ? $"write {asPoint}"
            : string.Create(CultureInfo.InvariantCulture, $"it must be a number from {least} to {most}");
        result.AddError($"{NameOf(result)} is {text}; {cure}.");
        return least;
    }

    private static string NameOf(ArgumentResult result) => (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
}
