namespace C2FVL.Experiments;

/// <summary>The ways a run of a sweep can end.</summary>
internal enum TrainEndKind
{
    /// <summary>The run is trained and scored.</summary>
    Finished,

    /// <summary>Another process is using the run.</summary>
    Locked,

    /// <summary>Something killed its process; the run can be resumed.</summary>
    Killed,

    /// <summary>It ended with an error.</summary>
    Failed,
}
