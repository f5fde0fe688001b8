namespace C2FVL.Tests.Workbook;

/// <summary>Runs change the working folder of the process, so they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NotebookRunsCollection
{
    public const string Name = "notebook runs";
}
