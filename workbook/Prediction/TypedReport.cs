using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using C2FVL.Data;

namespace C2FVL.Workbook.Prediction;

/// <summary>
/// What a doctor types, such as "bilateral lower lobe opacities" or "2 lesions in the right lung", as the report that
/// the network reads. All words are understood, or the text is refused: a word that is passed over could change the
/// meaning.
/// </summary>
/// <param name="Report">The report.</param>
/// <param name="Assumed">What the text does not say and the report must, each a plain sentence.</param>
public sealed partial record TypedReport(LesionReport Report, IReadOnlyList<string> Assumed)
{
    private const string Examples = "Write it like \"2 areas in the lower right lung\", or like "
        + "\"Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.\"";

    /// <exception cref="FormatException">The text is not understood; the message names the words or what is
    /// missing.</exception>
    public static TypedReport Read(string text) =>
        TryRead(text, out TypedReport? read, out string? problem) ? read : throw new FormatException(problem);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text: words in any order, capitals and commas do not matter.</param>
    /// <param name="read">The report; null where the text is not understood.</param>
    /// <param name="problem">What was not understood, with two examples; null where all was.</param>
    public static bool TryRead(
        string? text, [NotNullWhen(true)] out TypedReport? read, [NotNullWhen(false)] out string? problem)
    {
        (read, string? reason) = Understand(text ?? "");
        problem = reason is null ? null : $"The report \"{text}\" is not understood: {reason}. {Examples}";
        return read is not null;
    }

    private static (TypedReport? Read, string? Reason) Understand(string text)
    {
        List<ReportWord> words = [];
        List<string> unknown = [];
        string plain = Joined().Replace(Covid().Replace(text.ToLowerInvariant(), "infection"), " ");
        foreach (Match match in Token().Matches(plain))
        {
            if (ReportWord.Find(match.Value) is { } meant)
                words.AddRange(meant);
            else
                unknown.Add($"\"{match.Value}\"");
        }

        if (unknown.Count > 0)
            return Refused($"it contains {(unknown.Count == 1 ? "an unknown word" : "unknown words")}: "
                + $"{string.Join(", ", unknown.Distinct())}");
        int[] numbers = [.. words.Where(word => word.Kind == WordKind.Number).Select(word => word.Number)];
        bool[] lateral =
            [.. words.Where(word => word.Kind == WordKind.Lateral).Select(word => word.IsBilateral).Distinct()];
        if (numbers.Length > 1)
            return Refused("it gives the number of areas more than once; write one number for all areas");
        if (lateral.Length > 1)
            return Refused("it says both bilateral and unilateral");
        if (numbers.Length > 0 && numbers[0] > LesionReport.MostAreas)
            return Refused($"it counts more than {LesionReport.MostAreas} areas");
        if (CountsZones(words))
            return Refused("it counts lungs, lobes or zones; the number must be that of the infected areas");

        bool isNone = words.Exists(word => word.Kind == WordKind.None) || numbers is [0];
        if (isNone)
        {
            bool saysMore = lateral.Length > 0 || numbers is [> 0]
                || words.Exists(word => word.Kind is WordKind.Side or WordKind.Zone);
            return saysMore
                ? Refused("it says that there is no lesion but names a number, a side or a zone; write only one of "
                    + "these")
                : (new TypedReport(new LesionReport(false, 0, Zones.None), []), null);
        }

        (Zones zones, string? problem) = ReportPlaces.Read(words, lateral is [true]);
        if (problem is not null)
            return Refused(problem);
        if (zones == Zones.None && (numbers.Length == 0 || lateral.Length == 0))
            return Refused("it does not say which lung");

        var report = new LesionReport(false, 0, zones);
        bool bilateral = lateral.Length > 0 ? lateral[0] : report.SidesNamed == 2;
        bool isSeveral = words.Exists(word => word is { Kind: WordKind.Filler, IsPlural: true });
        int least = Math.Max(bilateral ? 2 : report.SidesNamed, isSeveral ? 2 : 1);
        int areas = numbers.Length > 0 ? numbers[0] : least;
        string[] assumed = numbers.Length > 0
            ? []
            : [$"The report gives no number of areas; the smallest number that fits, {areas}, is used. Write a number "
                + "if you know it."];
        report = report with { Bilateral = bilateral, Areas = areas };
        // The sheets' sentences are read even where they contradict themselves, since networks are trained on them.
        return report.Contradictions() is [string contradiction, ..] && !IsSentence(text)
            ? Refused($"it contradicts itself or says too little: {contradiction.TrimEnd('.')}")
            : (new TypedReport(report, assumed), null);

        static (TypedReport?, string?) Refused(string reason) => (null, reason);
    }

    /// <summary>Whether the sheets' parser understands a text.</summary>
    private static bool IsSentence(string text)
    {
        try
        {
            _ = LesionReport.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether a number counts places, as in "2 lower zones", and not lesions.</summary>
    private static bool CountsZones(List<ReportWord> words)
    {
        int after = words.FindIndex(word => word.Kind == WordKind.Number) + 1;
        return after > 0 && words.Skip(after).SkipWhile(word => word.Kind == WordKind.Zone).FirstOrDefault()
            is { Kind: WordKind.Lung, IsPlural: true };
    }

    [GeneratedRegex(@"\p{L}+|[-–]?[0-9]+(?:[-–.,/][0-9]+)*|\S")]
    private static partial Regex Token();

    /// <summary>The hyphen in "right-sided".</summary>
    [GeneratedRegex(@"(?<=\p{L})[-–](?=\p{L})")]
    private static partial Regex Joined();

    [GeneratedRegex(@"\bcovid([- ]?19)?\b")]
    private static partial Regex Covid();
}
