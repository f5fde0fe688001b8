using System.Runtime.CompilerServices;

namespace C2FVL.Platform;

/// <summary>The check of settings and arguments, with one wording.</summary>
internal static class SettingRange
{
    /// <summary>Throws if a value is out of its range, naming it and the range.</summary>
    /// <param name="holds">Whether it is in its range.</param>
    /// <param name="value">The value.</param>
    /// <param name="range">The range in words.</param>
    /// <param name="name">What it is called.</param>
    /// <exception cref="ArgumentException">It is out of its range.</exception>
    public static void Require(
        bool holds, object value, string range, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; it must be {range}."));
    }

    /// <summary>Throws if an enum's value has no name.</summary>
    /// <exception cref="ArgumentException">It has none; the message lists those that there are.</exception>
    public static void RequireName<T>(T value, string name)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), value, $"one of {string.Join(", ", Enum.GetNames<T>())}", name);
}
