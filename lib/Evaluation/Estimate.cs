namespace C2FVL.Evaluation;

/// <summary>A value with its interval, 95 % unless said otherwise.</summary>
/// <param name="Value">The value on the cases themselves.</param>
/// <param name="Low">The interval's lower end; NaN where there is no interval (a single patient, or no resampling).</param>
/// <param name="High">The interval's upper end; NaN as above.</param>
public sealed record Estimate(double Value, double Low, double High)
{
    /// <summary>Such as "0.748 [0.731, 0.764]".</summary>
    public override string ToString() => double.IsNaN(this.Low)
        ? FormattableString.Invariant($"{this.Value:0.000}")
        : FormattableString.Invariant($"{this.Value:0.000} [{this.Low:0.000}, {this.High:0.000}]");
}
