namespace C2FVL.Data;

/// <summary>The sizes of a split's parts to one another, such as 8:1:1.</summary>
public sealed record SplitRatio
{
    /// <exception cref="ArgumentException">A share is negative, or all are 0.</exception>
    public SplitRatio(int train, int val, int test)
    {
        if (train < 0)
            throw new ArgumentException($"train is {train}; it must be 0 or more.");
        if (val < 0)
            throw new ArgumentException($"val is {val}; it must be 0 or more.");
        if (test < 0)
            throw new ArgumentException($"test is {test}; it must be 0 or more.");
        if (train + val + test == 0)
            throw new ArgumentException("All shares of the split are 0; at least one must be above 0.");
        (this.Train, this.Val, this.Test) = (train, val, test);
    }

    public int Train { get; }

    public int Val { get; }

    public int Test { get; }

    public override string ToString() => $"{this.Train}:{this.Val}:{this.Test}";

    /// <summary>The validation cases that are due among a number of cases; halves round to even.</summary>
    internal int ValQuota(int count) => this.Share(this.Val, count);

    /// <summary>The test cases that are due among a number of cases; halves round to even.</summary>
    internal int TestQuota(int count) => this.Share(this.Test, count);

    private int Share(int share, int count) => (int)Math.Round((double)count * share / (this.Train + this.Val + this.Test));
}
