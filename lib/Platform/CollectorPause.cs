using System.Runtime;

namespace C2FVL.Platform;

/// <summary>
/// Keeps the garbage collector from running while libtorch computes. TorchSharp 0.107 hands a number to libtorch
/// (the 2 of <c>2 * x</c>, batch norm's count of batches, Adam's betas) as a native object and forgets it before the
/// call is over; a collection at that moment frees it, and libtorch reads freed memory. A training then ends with
/// "For integral input tensors, argument alpha must not be a floating point number" or the like.
/// </summary>
/// <remarks>
/// The garbage is collected as a pause begins, once there may be 32 MiB of it. A pause itself holds for
/// <see cref="Budget"/> of new managed memory, on all threads together; what needs more is collected as ever, so the
/// fault is rare, not impossible, where very large files are read beside a step. It costs a fraction of a millisecond a
/// step, and changes no number.
/// </remarks>
public static class CollectorPause
{
    /// <summary>Managed memory in bytes that a pause may take: 128 MiB, many times a step's.</summary>
    public const long Budget = 128L << 20;

    /// <summary>After so many bytes of new managed memory the next pause collects first: 32 MiB.</summary>
    private const long Garbage = 32L << 20;

    private static readonly Lock Gate = new();
    private static int holders;
    private static long allocatedAtCollection;

    /// <summary>
    /// Begins a pause, or joins the one under way; it ends when all who hold it have disposed theirs.
    /// </summary>
    public static IDisposable Begin()
    {
        lock (Gate)
        {
            if (holders++ == 0)
                Start();
        }

        return new AtEnd(() =>
        {
            lock (Gate)
            {
                if (--holders == 0)
                    End();
            }
        });
    }

    private static void Start()
    {
        // The region begins without a collection while the heap can grow, so the garbage of many would heap up.
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - allocatedAtCollection >= Garbage)
        {
            GC.Collect();
            allocatedAtCollection = allocated;
        }

        try
        {
            GC.TryStartNoGCRegion(Budget);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            // Somebody else's pause is under way, or the process may not have so much memory: no worse than without.
        }
    }

    private static void End()
    {
        try
        {
            // The budget may be spent, or a collection asked for: then the pause is over already.
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
                GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
        }
    }
}
