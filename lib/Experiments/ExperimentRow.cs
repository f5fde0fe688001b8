using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>One row of a table of experiments: what it is called and what is run for it. Rows of equal specs share one run.</summary>
/// <param name="Group">What the row belongs to, such as "learning rate".</param>
/// <param name="Label">What tells it from the group's other rows, such as "1e-3".</param>
/// <param name="Spec">What is run.</param>
public sealed record ExperimentRow(string Group, string Label, RunSpec Spec)
{
    /// <summary>The label as a number, for a plot's axis; NaN where it is none.</summary>
    public double Value { get; init; } = double.NaN;

    /// <summary>What the row is called on its own: a number needs its group's name.</summary>
    public string Name => double.IsNaN(this.Value) ? this.Label : $"{this.Group} {this.Label}";

    /// <summary>The texts that the trained network's test cases are scored with besides the spec's own.</summary>
    public IReadOnlyList<TextMode> AlsoScoredWith { get; init; } = [];

    /// <summary>The paper's own numbers for this row; null where it has none.</summary>
    public QuotedScore? Quoted { get; init; }
}
