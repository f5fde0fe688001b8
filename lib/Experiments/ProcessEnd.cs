namespace C2FVL.Experiments;

/// <summary>How the process of a run ended.</summary>
internal enum ProcessEnd
{
    /// <summary>The run is trained and scored.</summary>
    Finished,

    /// <summary>Another process has the run in hand.</summary>
    Held,

    /// <summary>Something killed it; the run can be resumed.</summary>
    Killed,

    /// <summary>It ended with an error.</summary>
    Failed,
}
