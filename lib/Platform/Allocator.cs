using System.Runtime.InteropServices;

namespace C2FVL.Platform;

/// <summary>
/// Keeps large blocks on the heap. By default glibc maps every large block again from the system and gives it back when
/// it is freed; a training step frees and takes gigabytes of activations, and half its time goes into page faults. No
/// package has the switch.
/// </summary>
/// <remarks>
/// Set once when the library is loaded, before the first tensor. Memory that was used stays with the process. The heap
/// is also asked to lie on huge pages, as a step walks through gigabytes and would miss the address cache at every
/// small page. Only glibc on Linux has the switch; elsewhere this does nothing. Environment
/// <c>C2FVL_ALLOCATOR=default</c> leaves glibc as it is.
/// <para>
/// Threads that are older than the library may have arenas of their own by then, of at most 64 MiB a piece and without
/// huge pages, and glibc goes on dealing these out to new threads. Only a program that starts with
/// <c>MALLOC_ARENA_MAX=1</c> has one heap, and a full-size step is a quarter faster for it; the console sees to it.
/// </para>
/// </remarks>
public static partial class Allocator
{
    private const int HugePage = 2 << 20, HugePageAdvice = 14;
    private const int TrimThreshold = -1, TopPad = -2, MapMax = -4, ArenaMax = -8;

    /// <summary>Whether the setting is in force.</summary>
    public static bool KeepsLargeBlocks { get; private set; }

    /// <summary>Applies the setting unless the environment says no.</summary>
    public static void KeepLargeBlocks()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("C2FVL_ALLOCATOR") == "default")
            return;
        try
        {
            // No further arenas: they are too small for large blocks and would map them all the same.
            KeepsLargeBlocks = mallopt(ArenaMax, 1) == 1 && mallopt(MapMax, 0) == 1 && mallopt(TrimThreshold, -1) == 1
                && mallopt(TopPad, 256 << 20) == 1;
            if (KeepsLargeBlocks)
                AskForHugePages();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library, such as musl: its allocator stays as it is.
        }
    }

    /// <summary>
    /// Takes half the machine's memory as one block, untouched, marks it and gives it back: it stays with the heap, of
    /// which all later blocks are cut, and costs no memory before it is used.
    /// </summary>
    private static void AskForHugePages()
    {
        long size = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        nint block = malloc((nuint)size);
        if (block == 0)
            return; // the system promises no memory that it may not have: small pages then
        nint first = (block + HugePage - 1) / HugePage * HugePage;
        _ = madvise(first, (nuint)(block + size - first), HugePageAdvice);
        free(block);
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc.so.6")]
    private static partial nint malloc(nuint size);

    [LibraryImport("libc.so.6")]
    private static partial void free(nint block);

    [LibraryImport("libc.so.6")]
    private static partial int madvise(nint address, nuint length, int advice);
}
