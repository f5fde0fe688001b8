using C2FVL.Data;

namespace C2FVL.Workbook.Prediction;

/// <summary>
/// Which zones a typed report names. "Lower left", "left lower" and "lower zone of the left lung" are one place; where
/// several readings are equally near, such as of "lower left and right lung", there is none.
/// </summary>
internal static class ReportPlaces
{
    // What a reading costs by what stands between two words of one place: the cheapest reading is meant.
    private const int Near = 0, Joined = 1, Stopped = 4, Ended = 6;

    private const int MostWords = 24;

    /// <param name="words">All words of the report.</param>
    /// <param name="isBilateral">Whether zones without a side mean both lungs.</param>
    /// <returns>The zones, none where no place is named; or what is wrong with the places.</returns>
    public static (Zones Zones, string? Problem) Read(IReadOnlyList<ReportWord> words, bool isBilateral)
    {
        List<Place> places = Find(words, word => word.Kind == WordKind.Side);
        if (places.Count == 0)
            return (Zones.None, null);
        if (places.Count > MostWords)
            return (Zones.None, "it names too many places; write each zone once");

        (int cost, Zones[] meant) = Nearest(Readings(places, 0));
        if (isBilateral && places.Exists(word => !word.IsSide))
        {
            // "Bilateral lower lobes": the word stands for both lungs, unless each lung is named with its zones.
            places = Find(words, word =>
                word.Kind == WordKind.Side || word is { Kind: WordKind.Lateral, IsBilateral: true });
            (int withBoth, Zones[] both) = Nearest(Readings(places, 0, costOfSideAlone: Joined));
            bool isOneSided = meant.All(zones => new LesionReport(true, 2, zones).SidesNamed < 2);
            if (withBoth < cost || (withBoth == cost && isOneSided))
                meant = both;
            else if (withBoth == cost)
                meant = [.. meant.Union(both)];
        }

        if (meant.Length == 0)
            return (Zones.None, "it names a zone without a lung");
        if (meant.Length == 1)
            return (meant[0], null);
        string[] choices = [.. meant.Take(2).Select(zones => $"\"{In(zones)}\"")];
        return (Zones.None, $"its zones can mean {string.Join(" or ", choices)}; write each lung with its own zones");
    }

    /// <summary>The readings that cost least, and their cost; none cost all there is.</summary>
    private static (int Cost, Zones[] Zones) Nearest(IEnumerable<(int Cost, Zones Zones)> readings)
    {
        (int Cost, Zones Zones)[] all = [.. readings];
        int least = all.Select(reading => reading.Cost).DefaultIfEmpty(int.MaxValue).Min();
        return (least, [.. all.Where(reading => reading.Cost == least).Select(reading => reading.Zones).Distinct()]);
    }

    /// <summary>The words that name sides and zones, with what stands before each.</summary>
    private static List<Place> Find(IReadOnlyList<ReportWord> words, Func<ReportWord, bool> isSide)
    {
        var places = new List<Place>();
        int gap = Near;
        bool isStopped = false;
        foreach (ReportWord word in words)
        {
            bool side = isSide(word);
            if (side || word.Kind == WordKind.Zone)
            {
                bool isLateral = word.Kind == WordKind.Lateral;
                if (isLateral && !isStopped)
                    gap = Near; // lower lobes bilaterally
                places.Add(new Place(side ? Sides(word) : word.Zones, side, gap) { IsLateral = isLateral });
                (gap, isStopped) = (Near, false);
                continue;
            }

            isStopped |= word.Kind is WordKind.Stop or WordKind.And;
            gap = word.Kind switch
            {
                WordKind.And => Math.Max(gap, Joined),
                WordKind.Number when places is [.., { IsLateral: true }] => Stopped, // bilateral infection, two areas
                WordKind.Stop => Math.Max(gap, Stopped),
                WordKind.Lung => Ended,
                WordKind.Of when gap == Ended => Near, // the lower zone OF the left lung
                _ => gap,
            };
        }

        return places;
    }

    private static Zones Sides(ReportWord word) => word.Kind == WordKind.Side ? word.Zones : Zones.All;

    /// <summary>
    /// Every way to put the words from one on into places: zones then sides, sides then zones, or a side alone.
    /// </summary>
    private static IEnumerable<(int Cost, Zones Zones)> Readings(
        IReadOnlyList<Place> words, int from, int costOfSideAlone = Near)
    {
        if (from == words.Count)
            return [(0, Zones.None)];
        var found = new HashSet<(int, Zones)>();
        for (int end = from + 1; end <= words.Count; end++)
        {
            if (Group(words, from, end) is not (int cost, Zones zones))
                continue;
            if (end == from + 1)
                cost += costOfSideAlone;
            foreach ((int more, Zones others) in Readings(words, end, costOfSideAlone))
                found.Add((cost + more, zones | others));
        }

        return found;
    }

    /// <summary>The words from one to before another as one place; null where they are none.</summary>
    private static (int Cost, Zones Zones)? Group(IReadOnlyList<Place> words, int from, int end)
    {
        Zones sides = Zones.None, zones = Zones.None;
        int cost = 0, turns = 0;
        for (int i = from; i < end; i++)
        {
            Place word = words[i];
            if (word.IsSide)
                sides |= word.Zones;
            else
                zones |= word.Zones;
            if (i == from)
                continue;
            if (word.IsSide != words[i - 1].IsSide)
            {
                turns++;
                cost += word.Gap;
            }
            else if (word.IsSide && word.Gap != Joined)
            {
                return null; // two sides share zones only where "and" joins them
            }
            else if (!word.IsSide)
            {
                cost += word.Gap == Ended ? Joined : 0; // upper, middle and lower: a list
            }
        }

        if (sides == Zones.None || turns > 1 || (zones == Zones.None && (end - from > 1 || words[from].IsLateral)))
            return null;
        return (cost, zones == Zones.None ? sides : sides & zones);
    }

    private static string In(Zones zones)
    {
        string sentence = new LesionReport(true, 2, zones).ToSentence();
        return sentence[(sentence.LastIndexOf(',') + 2)..^1];
    }

    /// <param name="Zones">The zones of a side, or a zone in both lungs.</param>
    /// <param name="IsSide">Whether it is a side.</param>
    /// <param name="Gap">What stands before it: near, joined, stopped or ended.</param>
    private sealed record Place(Zones Zones, bool IsSide, int Gap)
    {
        /// <summary>Whether it is "bilateral", which stands for both lungs beside zones alone.</summary>
        public bool IsLateral { get; init; }
    }
}
