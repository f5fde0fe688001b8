namespace C2FVL.Experiments;

/// <summary>How a run of a sweep ended.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Said">What was said last, for a run that failed.</param>
internal sealed record TrainEnd(TrainEndKind Kind, string Said);
