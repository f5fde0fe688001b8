namespace C2FVL.Platform;

/// <summary>
/// Keeps libtorch's threads from waiting busily. At the end of each parallel loop GNU OpenMP lets a thread spin for the
/// others; where another process has the core, it spins for a whole time slice, and two trainings on two cores were
/// measured to take 2 to 20 times as long as one. A thousand rounds are still enough where the cores are free.
/// </summary>
/// <remarks>
/// Set once when the library is loaded, before libtorch, which reads it when it is loaded itself. No result depends on
/// it. The environment's own <c>GOMP_SPINCOUNT</c> or <c>OMP_WAIT_POLICY</c> goes before. Linux alone.
/// </remarks>
public static class OpenMP
{
    /// <summary>Applies the setting unless the environment holds one.</summary>
    public static void WaitShortly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            NativeEnvironment.SetDefault("GOMP_SPINCOUNT", "1000");
    }
}
