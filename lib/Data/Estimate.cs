using System.Globalization;
using System.Text.Json.Serialization;

namespace C2FVL.Data;

/// <summary>A value with its interval, 95 % unless said otherwise.</summary>
/// <param name="Value">The value on the cases themselves.</param>
/// <param name="Low">The interval's lower end; NaN if there is no interval (a single patient, or no
/// resampling).</param>
/// <param name="High">The interval's upper end; NaN as above.</param>
public sealed record Estimate(double Value, double Low, double High)
{
    /// <summary>A share from 0 to 1, or a difference of two, in percent.</summary>
    [JsonIgnore]
    public Estimate Percent => new(100 * Value, 100 * Low, 100 * High);

    /// <summary>Such as "0.748 [0.731, 0.764]".</summary>
    public override string ToString() => ToString("0.000");

    /// <summary>The value and, in brackets, its interval, in a .NET number format.</summary>
    public string ToString(string? format)
    {
        IFormattable[] all = double.IsNaN(Low) ? [Value] : [Value, Low, High];
        string[] texts = [.. all.Select(number => number.ToString(format, CultureInfo.InvariantCulture))];
        return texts.Length == 1 ? texts[0] : $"{texts[0]} [{texts[1]}, {texts[2]}]";
    }
}
