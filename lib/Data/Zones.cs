namespace C2FVL.Data;

/// <summary>
/// The six lung zones a report can name, in the order of the paper's text vector. Left and right are the sides of
/// the picture, not of the patient: that is how the QaTa-COV19 annotations use the words.
/// </summary>
[Flags]
public enum Zones
{
    None = 0,
    LeftUpper = 1,
    LeftMiddle = 2,
    LeftLower = 4,
    RightUpper = 8,
    RightMiddle = 16,
    RightLower = 32,
    Left = LeftUpper | LeftMiddle | LeftLower,
    Right = RightUpper | RightMiddle | RightLower,
    All = Left | Right,
}
