namespace C2FVL.Figures;

/// <summary>How a table shows one of its columns.</summary>
/// <param name="Name">The column's name in the data.</param>
public sealed record TableColumn(string Name)
{
    /// <summary>The words at its head; null shows its name.</summary>
    public string? Header { get; init; }

    /// <summary>A .NET number format such as "0.00"; null shows numbers with up to four digits after the point.</summary>
    public string? Format { get; init; }

    /// <summary>The columns with the ends of each number's interval, shown behind it in brackets; null for none. They are in the CSV as columns of their own.</summary>
    public (string Low, string High)? Interval { get; init; }

    /// <summary>Whether its numbers are quoted from a paper and not ours; the table says so.</summary>
    public bool Quoted { get; init; }
}
