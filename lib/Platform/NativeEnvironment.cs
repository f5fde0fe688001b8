using System.Runtime.InteropServices;

namespace C2FVL.Platform;

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
