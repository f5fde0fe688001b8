namespace C2FVL.Interpretation;

/// <summary>
/// How the network's belief in its pixel set moves while pixels go, or come, in the order of a CAM, greatest value first.
/// </summary>
/// <param name="CaseId">The case's id.</param>
/// <param name="Group">The patient, or the case itself where the patient is unknown.</param>
/// <param name="Layer">The layer whose CAM orders the pixels, or <see cref="PerturbationCurves.Control"/>.</param>
/// <param name="Insertion">Whether pixels come into a grey picture; otherwise they go from the whole one.</param>
/// <param name="Belief">The mean probability over the pixel set, 0 to 1, at equal steps from none of the pixels moved to all.</param>
public sealed record PerturbationCurve(string CaseId, string Group, string Layer, bool Insertion, IReadOnlyList<double> Belief)
{
    /// <summary>
    /// The area under the curve by trapezia, 0 to 1. A faithful CAM has a small one in deletion and a large one in
    /// insertion.
    /// </summary>
    public double Area => (this.Belief.Sum() - ((this.Belief[0] + this.Belief[^1]) / 2)) / (this.Belief.Count - 1);
}
