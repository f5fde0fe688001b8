using System.Globalization;
using C2FVL.Data;

namespace C2FVL.Workbook.Prediction;

/// <summary>What a word does in a typed report.</summary>
internal enum WordKind
{
    /// <summary>Changes nothing.</summary>
    Filler,

    /// <summary>A comma or the like, between two parts.</summary>
    Stop,

    /// <summary>Joins two sides or two zones.</summary>
    And,

    /// <summary>Lung, lobe or zone: ends a place, unless "of" follows.</summary>
    Lung,

    /// <summary>"of" or "in", which joins a zone to the lung behind it.</summary>
    Of,

    /// <summary>Left, right or both.</summary>
    Side,

    /// <summary>Upper, middle, lower or all.</summary>
    Zone,

    /// <summary>Bilateral or unilateral.</summary>
    Lateral,

    /// <summary>The number of areas.</summary>
    Number,

    /// <summary>There is none.</summary>
    None,
}

/// <summary>A word of a typed report and its meaning.</summary>
internal sealed record ReportWord(WordKind Kind)
{
    private static readonly string[] NumberWords =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    private static readonly ReportWord Lung = new(WordKind.Lung), Lungs = new(WordKind.Lung) { IsPlural = true };

    private static readonly Dictionary<string, ReportWord[]> Vocabulary = Words();

    /// <summary>The zones of a side, or of a zone word in both lungs.</summary>
    public Zones Zones { get; private init; }

    /// <summary>The number of a number word.</summary>
    public int Number { get; private init; }

    /// <summary>Whether it is "bilateral".</summary>
    public bool IsBilateral { get; private init; }

    /// <summary>Whether it speaks of several lesions, or of several lungs or zones.</summary>
    public bool IsPlural { get; private init; }

    /// <summary>
    /// A word's meaning; null where it is not known. A word of four letters or more may have one slip of the pen after
    /// its first letter, where only one meaning is that near. Words that deny, count or mean a whole lung may not:
    /// "fine" is not five, and "while" not whole.
    /// </summary>
    public static IReadOnlyList<ReportWord>? Find(string token)
    {
        if (Vocabulary.TryGetValue(token, out ReportWord[]? known))
            return known;
        if (char.IsAsciiDigit(token[0]) && token.All(char.IsAsciiDigit))
        {
            bool fits = int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            return [new ReportWord(WordKind.Number) { Number = fits ? number : int.MaxValue }];
        }

        ReportWord[][] near = [.. Vocabulary
            .Where(word => word.Key.Length >= 4 && word.Key[0] == token[0] && LesionReport.OneSlip(token, word.Key))
            .Select(word => word.Value)];
        bool isOne = near.Length > 0 && near.All(meant => meant.SequenceEqual(near[0]));
        return isOne && near[0][0] is not (
            { Kind: WordKind.None or WordKind.Number } or { Kind: WordKind.Zone, Zones: Zones.All })
            ? near[0]
            : null;
    }

    private static Dictionary<string, ReportWord[]> Words()
    {
        var words = new Dictionary<string, ReportWord[]>();
        const Zones upper = Zones.LeftUpper | Zones.RightUpper, middle = Zones.LeftMiddle | Zones.RightMiddle,
            lower = Zones.LeftLower | Zones.RightLower;
        Add("upper superior apical", Zone(upper));
        Add("apex apices", Zone(upper), Lung);
        Add("middle mid", Zone(middle));
        Add("lower inferior basal basilar", Zone(lower));
        Add("base bases", Zone(lower), Lung);
        Add("all whole entire", Zone(Zones.All));
        Add("left l lt", Side(Zones.Left));
        Add("right r rt", Side(Zones.Right));
        Add("both", Side(Zones.All));
        Add("bibasal bibasilar", Side(Zones.All), Zone(lower), Lung);
        Add("lul luz", Side(Zones.Left), Zone(upper), Lung);
        Add("lmz", Side(Zones.Left), Zone(middle), Lung);
        Add("lll llz", Side(Zones.Left), Zone(lower), Lung);
        Add("rul ruz", Side(Zones.Right), Zone(upper), Lung);
        Add("rml rmz", Side(Zones.Right), Zone(middle), Lung);
        Add("rll rlz", Side(Zones.Right), Zone(lower), Lung);
        Add("lung lobe zone field hemithorax side sided", Lung);
        Add("lungs lobes zones fields sides", Lungs);
        Add("bilateral bilaterally", new ReportWord(WordKind.Lateral) { IsBilateral = true });
        Add("unilateral unilaterally", new ReportWord(WordKind.Lateral));
        Add("and & +", new ReportWord(WordKind.And));
        Add(", ; . : ( ) - – / \" '", new ReportWord(WordKind.Stop));
        Add("of in", new ReportWord(WordKind.Of));
        Add("no none without clear normal", new ReportWord(WordKind.None));
        Add(
            "opacities opacifications consolidations infiltrates infiltrations lesions areas foci spots shadows infections",
            new ReportWord(WordKind.Filler) { IsPlural = true });
        Add(
            "opacity opacification consolidation infiltrate infiltration lesion area focus spot shadow infection pneumonia ggo "
                + "ground glass",
            new ReportWord(WordKind.Filler));
        Add(
            "pulmonary infected affected a an the with there is are at within on involving affecting shows showing seen chest "
                + "involvement",
            new ReportWord(WordKind.Filler));
        for (int number = 0; number < NumberWords.Length; number++)
            Add(NumberWords[number], new ReportWord(WordKind.Number) { Number = number });
        Add("single solitary", new ReportWord(WordKind.Number) { Number = 1 });
        return words;

        void Add(string names, params ReportWord[] meaning)
        {
            foreach (string name in names.Split(' '))
                words.Add(name, meaning);
        }

        static ReportWord Zone(Zones zones) => new(WordKind.Zone) { Zones = zones };

        static ReportWord Side(Zones zones) => new(WordKind.Side) { Zones = zones };
    }
}
