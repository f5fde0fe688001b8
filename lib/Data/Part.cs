namespace C2FVL.Data;

/// <summary>A part of a split.</summary>
public enum Part
{
    Train,
    Val,
    Test,
}
