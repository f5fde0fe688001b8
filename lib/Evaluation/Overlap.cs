namespace C2FVL.Evaluation;

/// <summary>
/// Pixel counts of a prediction against the truth, of one image or of many added up, and what follows from them, each
/// 0 to 1.
/// </summary>
/// <remarks>
/// The empty-mask rule, the same for all four: where the truth has no pixel, an empty prediction scores 1 and any other
/// 0. Where the truth has pixels and the prediction none, all four are 0, the precision too: nothing found is nothing
/// found precisely.
/// </remarks>
/// <param name="Intersection">Lesion pixels in both.</param>
/// <param name="Predicted">Lesion pixels of the prediction.</param>
/// <param name="Truth">Lesion pixels of the truth.</param>
public readonly record struct Overlap(long Intersection, long Predicted, long Truth)
{
    /// <summary>2 |P and T| / (|P| + |T|).</summary>
    public double Dice => this.Ratio(2.0 * this.Intersection, this.Predicted + this.Truth);

    /// <summary>Intersection over union, |P and T| / |P or T|; it equals D / (2 - D) for the Dice D of the same counts.</summary>
    public double IoU => this.Ratio(this.Intersection, this.Predicted + this.Truth - this.Intersection);

    /// <summary>The share of the lesion that is found, |P and T| / |T|.</summary>
    public double Sensitivity => this.Ratio(this.Intersection, this.Truth);

    /// <summary>The share of the prediction that is lesion, |P and T| / |P|.</summary>
    public double Precision => this.Ratio(this.Intersection, this.Predicted);

    public static Overlap operator +(Overlap a, Overlap b) =>
        new(a.Intersection + b.Intersection, a.Predicted + b.Predicted, a.Truth + b.Truth);

    private double Ratio(double part, long whole)
    {
        if (this.Truth == 0)
            return this.Predicted == 0 ? 1 : 0;
        return this.Predicted == 0 ? 0 : part / whole;
    }
}
