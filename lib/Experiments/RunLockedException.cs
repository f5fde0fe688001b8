namespace C2FVL.Experiments;

/// <summary>Another process is using a run: the lock in the run's folder is taken.</summary>
public sealed class RunLockedException(string message, Exception inner) : IOException(message, inner);
