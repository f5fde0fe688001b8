namespace C2FVL.Data;

/// <summary>The report as numbers: the paper's vector and the annotations' eight columns.</summary>
public sealed partial record LesionReport
{
    /// <summary>A report that counts more areas is refused as a slip of the pen: it would drown the other numbers of its vector.</summary>
    public const int MostAreas = 1000;

    /// <summary>The columns of the annotations that hold the text vector, in its order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["bilateral", "number", "lupper", "lmiddle", "llower", "rupper", "rmiddle", "rlower"];

    /// <summary>The report of a text vector, shape (8).</summary>
    /// <exception cref="ArgumentException">Not 8 values, or one that no report can have (a missing report's NaN, too).</exception>
    public static LesionReport FromVector(ReadOnlySpan<float> vector)
    {
        if (vector.Length != TextVector.Length)
            throw new ArgumentException($"A text vector has {TextVector.Length} values, not {vector.Length}.");
        if (TextVector.IsMissing(vector))
            throw new ArgumentException("The text vector is that of a missing report.");

        var values = new int[TextVector.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (vector[i] != MathF.Truncate(vector[i]) || Math.Abs(vector[i]) > int.MaxValue / 2)
                throw new ArgumentException($"{Columns[i]} is {vector[i]}, which is not a whole number.");
            values[i] = (int)vector[i];
        }

        return FromColumns(values);
    }

    /// <summary>The report of the annotations' eight columns, in the order of <see cref="Columns"/>.</summary>
    /// <exception cref="ArgumentException">Not 8 values, a flag other than 0 or 1, or a number of areas outside 0 to 1000.</exception>
    public static LesionReport FromColumns(params ReadOnlySpan<int> columns)
    {
        if (columns.Length != TextVector.Length)
            throw new ArgumentException($"A report has {TextVector.Length} columns, not {columns.Length}.");

        Zones zones = Zones.None;
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i] < 0 || columns[i] > (i == 1 ? MostAreas : 1))
                throw new ArgumentException($"{Columns[i]} is {columns[i]}; it must be {(i == 1 ? $"from 0 to {MostAreas}" : "0 or 1")}.");
            if (i >= 2)
                zones |= (Zones)(columns[i] << (i - 2));
        }

        return new LesionReport(columns[0] == 1, columns[1], zones);
    }
}
