using System.Globalization;
using System.Text.RegularExpressions;

namespace C2FVL.Data;

/// <summary>The report as a sentence, in the style of the QaTa-COV19 annotations.</summary>
public sealed partial record LesionReport
{
    private const string Example =
        "Bilateral pulmonary infection, two infected areas, upper left lung and middle lower right lung.";

    private static readonly string[] NumberWords = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"];

    /// <summary>A zone word, as the zones it names in both lungs.</summary>
    private static readonly Dictionary<string, Zones> ZoneWords = new()
    {
        ["upper"] = ReportGeometry.Upper, ["middle"] = ReportGeometry.Middle, ["lower"] = ReportGeometry.Lower,
        ["all"] = Zones.All, ["whole"] = Zones.All, ["entire"] = Zones.All,
    };

    private static readonly Dictionary<string, Zones> SideWords =
        new() { ["left"] = Zones.Left, ["right"] = Zones.Right, ["both"] = Zones.All };

    private static readonly HashSet<string> LungWords = ["lung", "lungs", "lobe", "lobes"];

    /// <summary>Words that change nothing.</summary>
    private static readonly HashSet<string> OtherWords = [
        "pulmonary", "infection", "infections", "infected", "area", "areas", "zone", "zones", "and", "the", "of", "in",
        "with", "there", "is", "are"];

    private static readonly string[] Vocabulary =
        ["bilateral", "unilateral", .. ZoneWords.Keys, .. SideWords.Keys, .. LungWords, .. OtherWords];

    /// <summary>
    /// Reads a sentence such as <see cref="ToSentence"/> writes. Capitals, spaces, commas and the full stop do not
    /// matter; numbers are words or digits; a word may have one slip of the pen (a letter too many, too few, wrong, or
    /// two swapped) after its first letter. A lung without a zone word means all three zones; zone words are a list, so
    /// "upper lower left lung" has no middle. What the sentence says is kept even where it contradicts itself: ask
    /// <see cref="Contradictions"/>.
    /// </summary>
    /// <exception cref="FormatException">The sentence is not understood; the message names the word or what is
    /// missing.</exception>
    public static LesionReport Parse(string sentence)
    {
        bool? bilateral = null;
        int? areas = null;
        Zones zones = Zones.None;
        var place = new List<string>(); // zone and side words since the last lung
        foreach (string word in Word().Matches(sentence.ToLowerInvariant()).Select(match => match.Value))
        {
            if (Number(word) is int number)
            {
                if (areas is not null)
                    throw Fault("it gives the number of areas twice");
                if (number > MostAreas)
                    throw Fault($"it counts {word} areas, but the limit is {MostAreas}");
                areas = number;
                continue;
            }

            string known = Known(word) ?? throw Fault($"\"{word}\" is an unknown word");
            if (known is "bilateral" or "unilateral")
                bilateral = bilateral is null ? known == "bilateral"
                    : throw Fault("it says bilateral or unilateral twice");
            else if (ZoneWords.ContainsKey(known) || SideWords.ContainsKey(known))
                place.Add(known);
            else if (LungWords.Contains(known) && place.Exists(SideWords.ContainsKey))
            {
                zones |= Place(place);
                place.Clear();
            }
        }

        if (place.Count > 0)
            zones |= place.Exists(SideWords.ContainsKey) ? Place(place)
                : throw Fault($"\"{string.Join(' ', place)}\" names no lung");
        if (areas is null)
            throw Fault("it does not say how many areas are infected");
        if (bilateral is null && (areas > 0 || zones != Zones.None))
            throw Fault("it says neither bilateral nor unilateral");
        return new LesionReport(bilateral ?? false, areas.Value, zones);

        FormatException Fault(string reason) =>
            new($"The report \"{sentence}\" is not understood: {reason}. Write it like \"{Example}\"");
    }

    /// <summary>
    /// The sentence in the annotations' style: "Unilateral pulmonary infection, one infected area, all left lung.";
    /// "No pulmonary infection." where there is none. <see cref="Parse"/> gives the report back.
    /// </summary>
    public string ToSentence() => this == new LesionReport(false, 0, Zones.None) ? "No pulmonary infection."
        : $"{(Bilateral ? "Bilateral" : "Unilateral")} pulmonary infection, {AreasInWords()}"
        + $"{(Zones == Zones.None ? "" : ", " + PlacesInWords())}.";

    [GeneratedRegex(@"\p{L}+|-?[0-9]+")]
    private static partial Regex Word();

    private static int? Number(string word)
    {
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        if (word.All(char.IsAsciiDigit))
            return int.MaxValue; // more than an int holds
        int index = word == "no" ? 0 : Array.IndexOf(NumberWords, word);
        return index >= 0 ? index : null;
    }

    /// <summary>The word of the vocabulary that is meant; null for none.</summary>
    private static string? Known(string word) => Array.Find(Vocabulary, known => known == word)
        ?? Array.Find(Vocabulary, known => known.Length >= 4 && known[0] == word[0] && OneSlip(word, known));

    /// <summary>
    /// Whether one letter too many, too few or wrong, or two neighbours swapped, turn one word into the other.
    /// </summary>
    internal static bool OneSlip(string word, string known)
    {
        if (Math.Abs(word.Length - known.Length) > 1)
            return false;
        int start = word.AsSpan().CommonPrefixLength(known);
        ReadOnlySpan<char> a = word.AsSpan(start), b = known.AsSpan(start);
        if (a.Length != b.Length)
            return a.Length > b.Length ? a[1..].SequenceEqual(b) : b[1..].SequenceEqual(a);
        return a.Length == 0 || a[1..].SequenceEqual(b[1..])
            || (a.Length > 1 && a[0] == b[1] && a[1] == b[0] && a[2..].SequenceEqual(b[2..]));
    }

    /// <summary>The zones of one or more lungs: "upper middle left", or side first as in "left upper".</summary>
    private static Zones Place(List<string> words)
    {
        bool sideFirst = SideWords.ContainsKey(words[0]) && ZoneWords.ContainsKey(words[^1]);
        Zones found = Zones.None, pending = Zones.None;
        foreach (string word in sideFirst ? Enumerable.Reverse(words) : words)
        {
            if (SideWords.TryGetValue(word, out Zones side))
                (found, pending) = (found | (side & (pending == Zones.None ? Zones.All : pending)), Zones.None);
            else
                pending |= ZoneWords[word];
        }

        return found;
    }

    private string AreasInWords() =>
        $"{NumberWords.ElementAtOrDefault(Areas) ?? $"{Areas}"} infected area{(Areas == 1 ? "" : "s")}";

    /// <summary>Such as "upper left lung and all right lung".</summary>
    private string PlacesInWords() => string.Join(" and ", new[] { "left", "right" }
        .Select(side => (Side: side, All: SideWords[side], Named: Zones & SideWords[side]))
        .Where(lung => lung.Named != Zones.None)
        .Select(lung => $"{(lung.Named == lung.All ? "all" : Heights(lung.Named))} {lung.Side} lung"));

    private static string Heights(Zones named) =>
        string.Join(' ', new[] { "upper", "middle", "lower" }.Where(word => (named & ZoneWords[word]) != Zones.None));
}
