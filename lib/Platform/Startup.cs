using System.Runtime.CompilerServices;

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
        OpenMP.WaitShortly();
        TorchLibrary.CureHere();
    }
#pragma warning restore CA2255
}
