using System.Runtime.CompilerServices;
using C2FVL.Platform;
using C2FVL.Workbook.Imports;

namespace C2FVL.Tests.Support;

/// <summary>Tests of single blocks go through libtorch without asking for it: it is loaded, and checked, before any of them.</summary>
internal static class LibTorch
{
    [ModuleInitializer]
    internal static void Load()
    {
        TorchLibrary.EnsureLoaded();
        PyTorchFile.Register(); // as the console does
    }
}
