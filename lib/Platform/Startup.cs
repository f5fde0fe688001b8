using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace C2FVL.Platform;

/// <summary>What must happen before anything else of the library runs, in a program and in a notebook alike.</summary>
internal static class Startup
{
    // A module initializer is the one hook that a notebook's #r runs too.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Run()
    {
        Allocator.KeepLargeBlocks();
        WaitShortly();
        TorchLibrary.CureHere();
        AssemblyLoadContext.Default.Resolving += (_, name) => ResolveFSharpCore(name);
    }
#pragma warning restore CA2255

    /// <summary>
    /// Keeps libtorch's threads from waiting busily. At the end of each parallel loop GNU OpenMP lets a thread spin for
    /// the others; where another process has the core, it spins for a whole time slice, and two trainings on two cores
    /// were measured to take 2 to 20 times as long as one. After 2500 rounds it sleeps: two trainings then disturb each
    /// other little, and one alone seldom wakes a sleeper (after 1000, a small network's step took 7 % longer).
    /// </summary>
    /// <remarks>
    /// Set before libtorch, which reads it when it is loaded itself. No result depends on it. The environment's own
    /// <c>GOMP_SPINCOUNT</c> or <c>OMP_WAIT_POLICY</c> goes before. Linux alone.
    /// </remarks>
    internal static void WaitShortly()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            NativeEnvironment.SetDefault("GOMP_SPINCOUNT", "2500");
    }

    /// <summary>
    /// Answers a request for FSharp.Core with the copy that is already loaded; null for any other, which lets the next
    /// resolver try. Plotly.NET asks for a newer version than the one the .NET Interactive kernel holds; without this
    /// the first chart there fails with FileNotFoundException.
    /// </summary>
    internal static Assembly? ResolveFSharpCore(AssemblyName name) => name.Name != "FSharp.Core" ? null
        : AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(loaded => loaded.GetName().Name == "FSharp.Core");
}

/// <summary>
/// The environment as native code sees it. .NET keeps one of its own, read once from the C library's at the start, so
/// what native libraries are to read must be set there. Linux alone.
/// </summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable unless it is set. Where the C library is another than glibc, nothing happens.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    public static void SetDefault(string name, string value)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = setenv(name, value, 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: the setting is for speed or quiet, and goes without.
        }
    }

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
