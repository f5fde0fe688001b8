namespace C2FVL.Data;

/// <summary>What a radiologist's sentence says of the lesions in one image.</summary>
/// <param name="Bilateral">Whether both lungs are infected.</param>
/// <param name="Areas">The number of infected areas, 0 or more.</param>
/// <param name="Zones">The zones named, image side.</param>
public sealed partial record LesionReport(bool Bilateral, int Areas, Zones Zones)
{
    /// <summary>
    /// The paper's text vector: [bilateral, areas, left upper, left middle, left lower, right upper, right middle,
    /// right lower], shape (8).
    /// </summary>
    public float[] ToVector() => [
        Bilateral ? 1 : 0, Areas, .. Enumerable.Range(0, 6).Select(zone => (float)(((int)Zones >> zone) & 1))];

    /// <summary>How many lungs have a named zone: 0, 1 or 2.</summary>
    public int SidesNamed => ((Zones & Zones.Left) != 0 ? 1 : 0) + ((Zones & Zones.Right) != 0 ? 1 : 0);

    /// <summary>Whether the report counts fewer areas than it names lungs, each of which needs one.</summary>
    public bool CountsFewerAreasThanSides => Areas < SidesNamed;

    /// <summary>
    /// What in the report cannot all be true, each a plain sentence; none for a consistent report. The vector is made
    /// all the same.
    /// </summary>
    public IReadOnlyList<string> Contradictions() => Those(
            (Bilateral && SidesNamed == 1,
                $"It says bilateral, but names the {((Zones & Zones.Left) != 0 ? "left" : "right")} lung only."),
            (!Bilateral && SidesNamed == 2, "It says unilateral, but names both lungs."),
            (Areas == 0 && Zones != Zones.None, "It counts no infected area, but names zones."),
            (Areas > 0 && CountsFewerAreasThanSides, $"It counts {AreasInWords()}, but names both lungs."),
            (Areas > 0 && Zones == Zones.None, $"It counts {AreasInWords()}, but names no zone."),
            (Bilateral && Areas < 2 && SidesNamed < 2, $"It says bilateral, but counts {AreasInWords()}."));

    /// <summary>
    /// Where the sentence and the eight columns of one image differ, each a plain sentence; none where they agree.
    /// </summary>
    /// <param name="columns">What the columns say; this report is what the sentence says.</param>
    public IReadOnlyList<string> DifferencesFrom(LesionReport columns)
    {
        return Those(
            (Bilateral != columns.Bilateral, $"The sentence says {Side(this)}, the columns {Side(columns)}."),
            (Areas != columns.Areas, $"The sentence counts {AreasInWords()}, the columns {columns.Areas}."),
            (Zones != columns.Zones, $"The sentence names {Places(this)}, the columns {Places(columns)}."));

        static string Side(LesionReport report) => report.Bilateral ? "bilateral" : "unilateral";

        static string Places(LesionReport report) => report.Zones == Zones.None ? "no zone" : report.PlacesInWords();
    }

    private static string[] Those(params (bool Holds, string Sentence)[] sentences) =>
        [.. sentences.Where(one => one.Holds).Select(one => one.Sentence)];

    /// <summary>The report of the image with left and right swapped.</summary>
    public LesionReport FlipHorizontal() => this with { Zones = Zones.FlipHorizontal() };

    /// <summary>The report of the image with top and bottom swapped; the middle stays.</summary>
    public LesionReport FlipVertical() => this with { Zones = Zones.FlipVertical() };

    /// <summary>
    /// A report that counts more areas is refused as a slip of the pen: it would drown the other numbers of its vector.
    /// </summary>
    public const int MostAreas = 1000;

    /// <summary>The columns of the annotations that hold the text vector, in its order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["bilateral", "number", "lupper", "lmiddle", "llower", "rupper", "rmiddle", "rlower"];

    /// <summary>The report of a text vector, shape (8), or of the eight columns.</summary>
    /// <exception cref="ArgumentException">Not 8 values, or one that no report can have: a flag other than 0 or 1, a
    /// number of areas that is not whole or not from 0 to 1000, a missing report's NaN.</exception>
    public static LesionReport FromVector(params ReadOnlySpan<float> vector)
    {
        if (vector.Length != TextVector.Length)
            throw new ArgumentException($"A text vector has {TextVector.Length} values, not {vector.Length}.");
        if (TextVector.IsMissing(vector))
            throw new ArgumentException("The text vector is that of a missing report.");

        int zones = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            if (vector[i] < 0 || vector[i] > Most(i) || vector[i] != MathF.Truncate(vector[i]))
                throw new ArgumentException(FormattableString.Invariant($"{Columns[i]} is {vector[i]}; it must be ")
                    + (i == 1 ? $"from 0 to {MostAreas}, whole." : "0 or 1."));
            zones |= i < 2 ? 0 : (int)vector[i] << (i - 2);
        }

        return new LesionReport(vector[0] == 1, (int)vector[1], (Zones)zones);
    }

    /// <summary>The greatest value that an entry of the text vector may have.</summary>
    internal static int Most(int entry) => entry == 1 ? MostAreas : 1;
}

/// <summary>
/// How a report follows its image. A zone is a cell of the image's grid, two sides wide and three heights high;
/// the number of areas and whether both lungs are infected do not change when the image is flipped.
/// </summary>
public static class ReportGeometry
{
    internal const Zones Upper = Zones.LeftUpper | Zones.RightUpper;
    internal const Zones Middle = Zones.LeftMiddle | Zones.RightMiddle;
    internal const Zones Lower = Zones.LeftLower | Zones.RightLower;

    /// <summary>Left and right change places.</summary>
    public static Zones FlipHorizontal(this Zones zones) =>
        (Zones)(((int)(zones & Zones.Left) << 3) | ((int)(zones & Zones.Right) >> 3));

    /// <summary>Upper and lower change places; the middle stays.</summary>
    public static Zones FlipVertical(this Zones zones) =>
        (Zones)(((int)(zones & Upper) << 2) | (int)(zones & Middle) | ((int)(zones & Lower) >> 2));

    /// <summary>
    /// The report of areas: a zone is named when a share of one area lies in it; the report is bilateral when zones of
    /// both halves are named.
    /// </summary>
    /// <param name="mask">The lesions.</param>
    /// <param name="areas">The areas that count, as the mask's pixels.</param>
    /// <param name="share">The share of an area.</param>
    /// <param name="top">The first row of the upper third.</param>
    /// <param name="bottom">The last row of the lower third.</param>
    internal static LesionReport Report(BinaryMask mask, IReadOnlyList<int[]> areas, double share, int top, int bottom)
    {
        Zones zones = areas.SelectMany(area => area.CountBy(Zone).Where(zone => zone.Value >= share * area.Length))
            .Aggregate(Zones.None, (named, zone) => named | (Zones)(1 << zone.Key));
        return new LesionReport((zones & Zones.Left) != 0 && (zones & Zones.Right) != 0, areas.Count, zones);

        // 0 to 5, in the order of the zones
        int Zone(int pixel)
        {
            int third = Math.Clamp(((pixel / mask.Width) - top) * 3 / (bottom - top + 1), 0, 2);
            return (2 * (pixel % mask.Width) < mask.Width ? 0 : 3) + third;
        }
    }
}
