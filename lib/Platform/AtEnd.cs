namespace C2FVL.Platform;

/// <summary>Does something when it is disposed, once.</summary>
internal sealed class AtEnd(Action action) : IDisposable
{
    private Action? action = action;

    public void Dispose() => Interlocked.Exchange(ref action, null)?.Invoke();
}
