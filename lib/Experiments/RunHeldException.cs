namespace C2FVL.Experiments;

/// <summary>Another process has a run in hand: it holds the lock in the run's folder.</summary>
public sealed class RunHeldException(string message, Exception inner) : IOException(message, inner);
