namespace C2FVL.Data;

/// <summary>The cases of a folder.</summary>
/// <param name="Name">The data set's name, for tables and runs.</param>
/// <param name="Root">The folder.</param>
/// <param name="Cases">All cases that can be used, ordered by id (ordinal), so that no file system's order matters.</param>
/// <param name="Faults">What was left out or doubtful, and why.</param>
public sealed record Dataset(string Name, string Root, IReadOnlyList<Case> Cases, IReadOnlyList<DataFault> Faults);
