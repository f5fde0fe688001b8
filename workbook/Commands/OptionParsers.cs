using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Reflection;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// The one way in which commands read numbers and names: numbers as in English and within a range, names of an enum
/// without regard to case. Nothing else is guessed, so a comma is never passed over, nor a number taken for a name.
/// </summary>
internal static class OptionParsers
{
    /// <summary>Gives every option of a command, and of those below it, the parser of its type where it has none yet.</summary>
    public static void SetAll(Command command)
    {
        foreach (Option option in command.Options)
            Set(option);
        foreach (Command below in command.Subcommands)
            SetAll(below);
    }

    /// <summary>Sets a whole number's range.</summary>
    public static Option<int> Within(this Option<int> option, int least, int most = int.MaxValue)
    {
        option.CustomParser = result => ParseWhole(result, least, most);
        return option;
    }

    /// <inheritdoc cref="Within(Option{int}, int, int)"/>
    public static Option<int?> Within(this Option<int?> option, int least, int most = int.MaxValue)
    {
        option.CustomParser = result => ParseWhole(result, least, most);
        return option;
    }

    /// <summary>Sets a number's range.</summary>
    public static Option<double> Within(this Option<double> option, double least, double most)
    {
        option.CustomParser = result => ParseReal(result, least, most, $"from {Text(least)} to {Text(most)}");
        return option;
    }

    /// <inheritdoc cref="Within(Option{double}, double, double)"/>
    public static Option<double?> Within(this Option<double?> option, double least, double most)
    {
        option.CustomParser = result => ParseReal(result, least, most, $"from {Text(least)} to {Text(most)}");
        return option;
    }

    /// <summary>Sets a number's range from above 0.</summary>
    public static Option<double?> AboveZero(this Option<double?> option, double most)
    {
        option.CustomParser = result => ParseReal(result, double.Epsilon, most, $"above 0 and at most {Text(most)}");
        return option;
    }

    private static void Set(Option option)
    {
        switch (option)
        {
            case Option<int> { CustomParser: null } whole:
                whole.Within(int.MinValue);
                break;
            case Option<int?> { CustomParser: null } whole:
                whole.Within(int.MinValue);
                break;
            case Option<double> { CustomParser: null } real:
                real.Within(double.MinValue, double.MaxValue);
                break;
            case Option<double?> { CustomParser: null } real:
                real.Within(double.MinValue, double.MaxValue);
                break;
            default:
                Type type = option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
                if (type.IsEnum)
                {
                    typeof(OptionParsers).GetMethod(nameof(SetChoice), BindingFlags.NonPublic | BindingFlags.Static)!
                        .MakeGenericMethod(type).Invoke(null, [option]);
                }

                break;
        }
    }

    private static void SetChoice<T>(Option option)
        where T : struct, Enum
    {
        if (option is Option<T> one)
            one.CustomParser = result => ParseChoice<T>(result, result.Tokens.Single().Value);
        if (option is Option<T?> oneOrNone)
            oneOrNone.CustomParser = result => ParseChoice<T>(result, result.Tokens.Single().Value);
        if (option is Option<T[]> many)
            many.CustomParser = result => [.. result.Tokens.Select(token => ParseChoice<T>(result, token.Value))];
    }

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
        bool isWhole = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value);
        if (isWhole && value >= least && value <= most)
            return value;
        bool isTooLarge = !isWhole && text.TrimStart('-') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit);
        string range = (least, most) switch
        {
            (int.MinValue, int.MaxValue) when !isTooLarge => "a whole number",
            (_, int.MaxValue) when !isTooLarge => $"a whole number of at least {Text(least)}",
            _ => $"a whole number from {Text(least)} to {Text(most)}",
        };
        result.AddError($"{NameOf(result)} is {text}; it must be {range}.");
        return least;
    }

    private static double ParseReal(ArgumentResult result, double least, double most, string range)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        string text = result.Tokens.Single().Value;
        if (double.TryParse(text, style, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most)
            return value;

        // In much of the world a comma is the decimal sign.
        string point = text.Replace(',', '.');
        bool isComma = text.Contains(',') && double.TryParse(point, style, CultureInfo.InvariantCulture, out _);
        result.AddError($"{NameOf(result)} is {text}; {(isComma ? $"write {point}" : $"it must be a number {range}")}.");
        return least;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string NameOf(ArgumentResult result) =>
        (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
}
