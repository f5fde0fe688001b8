namespace C2FVL.Data;

/// <summary>Which report a case gets: its own, or one of the controls that show whether a model reads it.</summary>
public enum TextMode
{
    /// <summary>The case's own report.</summary>
    Correct,

    /// <summary>No report.</summary>
    Missing,

    /// <summary>
    /// Another case's report: the cases that have one form a seeded ring and each takes the next one's. Its words
    /// may by chance be the same. A case without a report stays without.
    /// </summary>
    ShuffledBetweenCases,

    /// <summary>The case's report with left and right exchanged, on a picture that is not mirrored.</summary>
    Mirrored,

    /// <summary>The case's report with another number of areas: one of the five smallest that fit the sides it names: the text tells where and not how many.</summary>
    WrongNumber,

    /// <summary>The case's number of areas, with both sides and all six zones named: the text tells how many and not where.</summary>
    NumberOnly,
}
