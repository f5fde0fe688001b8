using System.Text;
using System.Text.RegularExpressions;
using HarfBuzzSharp;

namespace C2FVL.Data;

/// <summary>When two names mean one image: in another Unicode form, in other capitals, or with other leading zeros.</summary>
internal static partial class ImageName
{
    /// <summary>Compares composed names without regard to capitals.</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>
    /// The name with its marks composed (Unicode NFC): macOS writes "ü" as two characters, others as one. .NET itself
    /// leaves names as they are where it runs without ICU, as this project's programs do.
    /// </summary>
    public static string Composed(string name)
    {
        if (Ascii.IsValid(name))
            return name;
        var runes = new List<(uint Rune, int Class)>();
        foreach (Rune rune in name.EnumerateRunes())
            Decompose((uint)rune.Value, runes);

        // Marks of one letter stand in the order of their classes, those of one class as written.
        for (int start = 0; start < runes.Count; start++)
        {
            int end = start;
            while (end < runes.Count && runes[end].Class != 0)
                end++;
            (uint, int)[] marks = [.. runes[start..end].OrderBy(rune => rune.Class)];
            for (int i = 0; i < marks.Length; i++)
                runes[start + i] = marks[i];
            start = end;
        }

        return Compose(runes);
    }

    /// <summary>The name with every number written without leading zeros: "case_007" is "case_7", "0001" is "1".</summary>
    public static string AsNumbers(string name) => LeadingZeros().Replace(name, "");

    private static void Decompose(uint rune, List<(uint Rune, int Class)> into)
    {
        if (UnicodeFunctions.Default.TryDecompose(rune, out uint first, out uint second))
        {
            Decompose(first, into);
            if (second != 0)
                Decompose(second, into);
        }
        else
        {
            into.Add((rune, (int)UnicodeFunctions.Default.GetCombiningClass(rune)));
        }
    }

    private static string Compose(List<(uint Rune, int Class)> runes)
    {
        var composed = new List<(uint Rune, int Class)>();
        int letter = -1;
        foreach ((uint rune, int order) in runes)
        {
            bool isBlocked = letter < 0 || (letter < composed.Count - 1 && (composed[^1].Class == 0 || composed[^1].Class >= order));
            if (!isBlocked && UnicodeFunctions.Default.TryCompose(composed[letter].Rune, rune, out uint both))
            {
                composed[letter] = (both, 0);
                continue;
            }

            composed.Add((rune, order));
            if (order == 0)
                letter = composed.Count - 1;
        }

        return string.Concat(composed.Select(rune => char.ConvertFromUtf32((int)rune.Rune)));
    }

    [GeneratedRegex("(?<![0-9])0+(?=[0-9])")]
    private static partial Regex LeadingZeros();
}
