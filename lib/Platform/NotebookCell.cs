using Microsoft.DotNet.Interactive;

namespace C2FVL.Platform;

/// <summary>The notebook cell that is running, if any.</summary>
internal static class NotebookCell
{
    /// <summary>
    /// The token that ends long work: the caller's own where there is one, else the cell's, which a front end's
    /// interrupt button cancels. The kernel cannot stop a cell's code by itself.
    /// </summary>
    public static CancellationToken Interrupt(CancellationToken own) =>
        own.CanBeCanceled ? own : KernelInvocationContext.Current?.CancellationToken ?? own;
}
