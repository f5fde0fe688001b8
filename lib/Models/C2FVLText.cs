namespace C2FVL.Models;

/// <summary>Which skips the report multiplies: the three kinds of the paper's Table 3.</summary>
public enum C2FVLText
{
    /// <summary>None: the report is not read.</summary>
    None,

    /// <summary>The first (full-size) skip alone: Table 3's single scale.</summary>
    FirstSkip,

    /// <summary>All four skips: Table 3's multi scale, and the method as published.</summary>
    AllSkips,
}
