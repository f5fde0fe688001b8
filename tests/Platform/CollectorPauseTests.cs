using System.Runtime.CompilerServices;
using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Platform;

/// <summary>Alone, for what other tests allocate counts too.</summary>
[Collection(nameof(SeededTorch))]
public sealed class CollectorPauseTests
{
    [Fact]
    public void NothingIsCollectedUntilTheLastHolderEnds()
    {
        IDisposable outer = CollectorPause.Begin(), inner = CollectorPause.Begin();
        int before = GC.CollectionCount(0);
        WeakReference garbage = Forgotten();
        inner.Dispose();
        inner.Dispose(); // twice is once
        Garbage(CollectorPause.Budget / 4);
        Assert.True(garbage.IsAlive);
        Assert.Equal(before, GC.CollectionCount(0));
        outer.Dispose();
    }

    [Fact]
    public void PauseAfterPauseTheGarbageGoesWhenOneBegins()
    {
        var garbage = new List<WeakReference>();
        for (int i = 0; i < 60; i++)
        {
            using (CollectorPause.Begin())
                garbage.Add(Forgotten());
        }

        Assert.InRange(garbage.Count(g => g.IsAlive), 0, 10);
    }

    [Fact]
    public void ASpentBudgetOrACollectionAskedForEndsItWithoutAnError()
    {
        using (CollectorPause.Begin())
        {
            for (int i = 0; i < 8; i++)
                Garbage(CollectorPause.Budget / 4);
        }

        using (CollectorPause.Begin())
            GC.Collect();
        int before = GC.CollectionCount(0);
        using (CollectorPause.Begin())
            Assert.True(GC.CollectionCount(0) > before);
    }

    /// <summary>In a method of its own, so that the test's frame holds no reference.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forgotten() => new(Garbage(CollectorPause.Budget / 4));

    private static object Garbage(long bytes)
    {
        var parts = new byte[bytes / 1000][];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = new byte[900];
        return parts;
    }
}
