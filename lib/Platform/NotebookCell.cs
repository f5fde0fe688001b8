using System.Runtime.CompilerServices;
using Microsoft.DotNet.Interactive;

namespace C2FVL.Platform;

/// <summary>
/// The notebook cell that is running, if any. Outside a notebook nothing of .NET Interactive is loaded.
/// </summary>
internal static class NotebookCell
{
    /// <summary>
    /// The token that ends long work: the caller's own where there is one, else the cell's, which a front end's
    /// interrupt button cancels. The kernel cannot stop a cell's code by itself.
    /// </summary>
    public static CancellationToken Interrupt(CancellationToken own) =>
        own.CanBeCanceled || !HasKernel ? own : CellToken() ?? own;

    /// <summary>Whether a cell may be running: a kernel is in this process.</summary>
    public static bool HasKernel => Array.Exists(
        AppDomain.CurrentDomain.GetAssemblies(), assembly => assembly.GetName().Name == "Microsoft.DotNet.Interactive");

    // A method of its own, so that the kernel's assembly is asked for by none that runs without one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CancellationToken? CellToken() => KernelInvocationContext.Current?.CancellationToken;
}
