using System.Diagnostics;
using System.Runtime.InteropServices;
using C2FVL.Platform;

namespace C2FVL.Workbook.Commands;

/// <summary>Has the console's memory lie in one heap; <see cref="Allocator"/> says why.</summary>
internal static class OneArena
{
    private const string Variable = "MALLOC_ARENA_MAX";

    /// <summary>
    /// Starts this program anew in its own process, with the same arguments and one arena from its first thread on. To
    /// be called before anything else is done; it does nothing where the allocator's setting is not in force, where the
    /// environment has a number of arenas, and under a debugger.
    /// </summary>
    public static void Restart()
    {
        if (!Allocator.KeepsLargeBlocks || Environment.GetEnvironmentVariable(Variable) is not null
            || Debugger.IsAttached)
            return;
        NativeEnvironment.SetDefault(Variable, "1");
        string[] command = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1];
        // comes back only if the system refuses; several arenas then
        _ = execv(Environment.ProcessPath!, [.. command, null]);
    }

    [DllImport("libc.so.6")]
    private static extern int execv(string path, string?[] arguments);
}
