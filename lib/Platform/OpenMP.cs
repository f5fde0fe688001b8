using System.Runtime.InteropServices;

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
public static partial class OpenMP
{
    private const string SpinCount = "GOMP_SPINCOUNT", WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>Applies the setting unless the environment holds one.</summary>
    public static void WaitShortly()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(SpinCount) is not null || Environment.GetEnvironmentVariable(WaitPolicy) is not null)
            return;
        try
        {
            // .NET keeps an environment of its own: only the C library's is seen by native code.
            _ = setenv(SpinCount, "1000", 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: its threads wait as they do.
        }
    }

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
