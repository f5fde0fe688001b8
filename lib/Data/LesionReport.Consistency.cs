namespace C2FVL.Data;

/// <summary>Where a report contradicts itself or another.</summary>
public sealed partial record LesionReport
{
    /// <summary>How many lungs have a named zone: 0, 1 or 2.</summary>
    public int SidesNamed => ((this.Zones & Zones.Left) != Zones.None ? 1 : 0) + ((this.Zones & Zones.Right) != Zones.None ? 1 : 0);

    /// <summary>Whether the report counts fewer areas than it names lungs, each of which needs one.</summary>
    public bool CountsFewerAreasThanSides => this.Areas < this.SidesNamed;

    /// <summary>What in the report cannot all be true, each a plain sentence; none for a consistent report. The vector is made all the same.</summary>
    public IReadOnlyList<string> Contradictions()
    {
        var found = new List<string>();
        if (this.Bilateral && this.SidesNamed == 1)
            found.Add($"It says bilateral, but names the {((this.Zones & Zones.Left) != Zones.None ? "left" : "right")} lung only.");
        if (!this.Bilateral && this.SidesNamed == 2)
            found.Add("It says unilateral, but names both lungs.");
        if (this.Areas == 0 && this.Zones != Zones.None)
            found.Add("It counts no infected area, but names zones.");
        else if (this.CountsFewerAreasThanSides)
            found.Add($"It counts {AreasInWords()}, but names both lungs.");
        if (this.Areas > 0 && this.Zones == Zones.None)
            found.Add($"It counts {AreasInWords()}, but names no zone.");
        if (this.Bilateral && this.Areas < 2 && this.SidesNamed < 2)
            found.Add($"It says bilateral, but counts {AreasInWords()}.");
        return found;
    }

    /// <summary>Where the sentence and the eight columns of one image differ, each a plain sentence; none where they agree.</summary>
    /// <param name="columns">What the columns say; this report is what the sentence says.</param>
    public IReadOnlyList<string> DifferencesFrom(LesionReport columns)
    {
        var found = new List<string>();
        if (this.Bilateral != columns.Bilateral)
            found.Add($"The sentence says {Side(this)}, the columns {Side(columns)}.");
        if (this.Areas != columns.Areas)
            found.Add($"The sentence counts {AreasInWords()}, the columns {columns.Areas}.");
        if (this.Zones != columns.Zones)
            found.Add($"The sentence names {Places(this)}, the columns {Places(columns)}.");
        return found;

        static string Side(LesionReport report) => report.Bilateral ? "bilateral" : "unilateral";

        static string Places(LesionReport report) => report.Zones == Zones.None
            ? "no zone"
            : string.Join(" and ", new[] { report.LungSentence(Zones.Left, "left"), report.LungSentence(Zones.Right, "right") }.OfType<string>());
    }
}
