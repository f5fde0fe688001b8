namespace C2FVL.Data;

/// <summary>How far a dataset check is.</summary>
/// <param name="Done">Cases looked at.</param>
/// <param name="Total">All cases.</param>
public readonly record struct DatasetCheckProgress(int Done, int Total);
