namespace C2FVL.Data;

/// <summary>How a picture is stored: which change stands it upright. The numbers are those of EXIF's orientation tag.</summary>
public enum ImageOrientation
{
    /// <summary>As it is.</summary>
    Upright = 1,

    /// <summary>Left and right change places.</summary>
    Mirrored = 2,

    /// <summary>Half a turn.</summary>
    HalfTurn = 3,

    /// <summary>Upper and lower change places.</summary>
    Flipped = 4,

    /// <summary>Rows become columns: the left edge becomes the upper one.</summary>
    Transposed = 5,

    /// <summary>A quarter turn clockwise.</summary>
    QuarterClockwise = 6,

    /// <summary>Rows become columns, then half a turn.</summary>
    Transversed = 7,

    /// <summary>A quarter turn counter-clockwise.</summary>
    QuarterCounterClockwise = 8,
}
