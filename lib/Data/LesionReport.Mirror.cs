namespace C2FVL.Data;

/// <summary>The report of a picture that was flipped.</summary>
public sealed partial record LesionReport
{
    /// <summary>The report of the picture with left and right exchanged.</summary>
    public LesionReport MirrorLeftRight() => this with { Zones = this.Zones.MirrorLeftRight() };

    /// <summary>The report of the picture with top and bottom exchanged; the middle stays.</summary>
    public LesionReport FlipUpperLower() => this with { Zones = this.Zones.FlipUpperLower() };
}
