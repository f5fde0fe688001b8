namespace C2FVL.Data;

/// <summary>Cases whose images are the same, pixel by pixel, whatever their file formats.</summary>
/// <param name="Cases">Their ids, at least two, in ordinal order.</param>
/// <param name="Parts">The part of each.</param>
public sealed record IdenticalImages(IReadOnlyList<string> Cases, IReadOnlyList<Part> Parts)
{
    /// <summary>Whether they lie in more than one part.</summary>
    public bool CrossParts => this.Parts.Distinct().Count() > 1;

    /// <summary>Whether two of them lie in the same part.</summary>
    public bool RepeatInsideAPart => this.Parts.Distinct().Count() < this.Parts.Count;
}
