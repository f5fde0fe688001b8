namespace C2FVL.Data;

/// <summary>
/// How a report follows its picture. A zone is a cell of the picture's grid, two sides wide and three heights high;
/// the number of areas and whether both lungs are infected do not change when the picture is flipped.
/// </summary>
public static class ReportGeometry
{
    private const Zones Upper = Zones.LeftUpper | Zones.RightUpper;
    private const Zones Middle = Zones.LeftMiddle | Zones.RightMiddle;
    private const Zones Lower = Zones.LeftLower | Zones.RightLower;

    /// <summary>Left and right change places.</summary>
    public static Zones MirrorLeftRight(this Zones zones) =>
        (Zones)(((int)(zones & Zones.Left) << 3) | ((int)(zones & Zones.Right) >> 3));

    /// <summary>Upper and lower change places; the middle stays.</summary>
    public static Zones FlipUpperLower(this Zones zones) =>
        (Zones)(((int)(zones & Upper) << 2) | (int)(zones & Middle) | ((int)(zones & Lower) >> 2));
}
