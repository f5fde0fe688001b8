using C2FVL.Data;
using C2FVL.Platform;
using TorchSharp;

namespace C2FVL.Tests.Data;

public sealed class BatchSourceTests
{
    private const int Side = 16;

    private static readonly BatchSettings Settings = new() { BatchSize = 4, Seed = 5 };

    [Fact]
    public void ABatchHoldsImagesMasksAndReports()
    {
        Case[] cases = [.. Cases(2), .. Cases(3)[2..].Select(c => c with { Report = null })];
        using Batch batch = new BatchSource(cases, Read, BatchSettings.ForScoring(4)).Epoch(0).Single();

        Assert.Equal([3, 3, Side, Side], batch.Image.shape);
        Assert.Equal([3, 1, Side, Side], batch.Mask.shape);
        Assert.Equal([3, 8], batch.Text.shape);
        Assert.All([batch.Image, batch.Mask, batch.Text], t => Assert.Equal(torch.ScalarType.Float32, t.dtype));
        Assert.Equal(cases, batch.Cases);
        for (int i = 0; i < 3; i++)
        {
            Sample sample = Read(cases[i]);
            for (int channel = 0; channel < 3; channel++)
                Assert.Equal(sample.Image.Pixels, Values(batch.Image[i, channel]));
            Assert.Equal(sample.Mask.Pixels.Select(p => (float)p), Values(batch.Mask[i]));
            Assert.Equal(cases[i].Report?.ToVector() ?? TextVector.Missing, Values(batch.Text[i]));
        }
    }

    [Fact]
    public void TheLastSmallBatchIsDelivered()
    {
        BatchSource source = Source(10);

        List<Bits> epoch = Take(source.Epoch(0));

        Assert.Equal(3, source.BatchCount);
        Assert.Equal([4, 4, 2], epoch.Select(b => b.Ids.Length));
        Assert.Equal(Cases(10).Select(c => c.Id), epoch.SelectMany(b => b.Ids).Order());
    }

    [Fact]
    public void SameSeedAndEpochGiveTheSameBits() => AssertSame(Take(Source(10).Epoch(3)), Take(Source(10).Epoch(3)));

    [Fact]
    public void AnotherEpochHasAnotherOrderAndOtherMoves()
    {
        BatchSource source = Source(40), ordered = Source(40, Settings with { Shuffle = false });

        Assert.NotEqual(Ids(Take(source.Epoch(0))), Ids(Take(source.Epoch(1))));
        Assert.Equal(Ids(Take(ordered.Epoch(0))), Ids(Take(ordered.Epoch(1))));
        Assert.NotEqual(Take(ordered.Epoch(0)).SelectMany(b => b.Image), Take(ordered.Epoch(1)).SelectMany(b => b.Image));
    }

    [Fact]
    public void AnotherSeedHasAnotherOrder() =>
        Assert.NotEqual(Ids(Take(Source(40).Epoch(0))), Ids(Take(Source(40, Settings with { Seed = 6 }).Epoch(0))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BeginningAtABatchGivesTheTailOfTheEpoch(int first) =>
        AssertSame(Take(Source(10).Epoch(2)).Skip(first), Take(Source(10).Epoch(2, first)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(8, 16)]
    public void WorkersAndAheadDoNotMatter(int workers, int ahead) =>
        AssertSame(Take(Source(30).Epoch(1)), Take(Source(30, Settings with { Workers = workers, Ahead = ahead }, Slowly).Epoch(1)));

    [Theory]
    [InlineData(long.MaxValue, 10)]
    [InlineData(3 * Side * Side * 5, 10 + 7)]
    [InlineData(0, 20)]
    public void TheCacheGivesTheSameBitsAndStopsWhenFull(long limit, int reads)
    {
        int count = 0;
        BatchSource source = Source(10, Settings with { CacheLimitBytes = limit }, c =>
        {
            Interlocked.Increment(ref count);
            return Read(c);
        });

        Take(source.Epoch(0));
        AssertSame(Take(Source(10).Epoch(1)), Take(source.Epoch(1)));

        Assert.Equal(reads, count);
    }

    [Fact]
    public void NoMoreThanTheBatchesAheadAreMade()
    {
        int reads = 0;
        BatchSource source = Source(80, Settings with { Ahead = 3, CacheLimitBytes = 0 }, c =>
        {
            Interlocked.Increment(ref reads);
            return Read(c);
        });

        int taken = 0;
        foreach (Batch batch in source.Epoch(0))
        {
            using (batch)
                taken++;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref reads) >= Math.Min(taken + 3, 20) * 4, 60_000));
            Thread.Sleep(2);
            Assert.Equal(Math.Min(taken + 3, 20) * 4, reads);
        }
    }

    [Theory]
    [InlineData("It is torn.", "folder/case05.png: the case cannot be read: It is torn.")]
    [InlineData("folder/case05.png is torn.", "folder/case05.png is torn.")]
    public void ACaseThatCannotBeReadIsNamedWhenItsTurnComes(string problem, string message)
    {
        BatchSource source = Source(40, Settings with { Shuffle = false }, c => c.Id == "case05" ? throw new IOException(problem) : Read(c));

        var taken = new List<Batch>();
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (Batch batch in source.Epoch(0))
                taken.Add(batch);
        });

        Assert.Equal(message, error.Message);
        Assert.IsType<IOException>(error.InnerException);
        Assert.Single(taken);
        taken.ForEach(b => b.Dispose());
    }

    [Fact]
    public void ACaseOfAnotherSizeIsNamed()
    {
        BatchSource source = Source(4, Settings with { Shuffle = false, Augmentation = Augmentation.None },
            c => c.Id == "case02" ? Read(c) with { Image = new GrayImage(9, 7) } : Read(c));

        var error = Assert.Throws<InvalidDataException>(() => Take(source.Epoch(0)));

        Assert.StartsWith("folder/case02.png: its image is 9 x 7, but its batch has 16 x 16", error.Message);
    }

    [Fact]
    public void LeavingEarlyEndsTheWorkersAndLeaksNothing()
    {
        int busy = 0;
        BatchSource source = Source(200, Settings with { Workers = 3 }, c =>
        {
            Interlocked.Increment(ref busy);
            Slowly(c);
            Interlocked.Decrement(ref busy);
            return Read(c);
        });
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        int taken = 0;
        foreach (Batch batch in source.Epoch(0))
        {
            batch.Dispose();
            if (++taken == 3)
                break;
        }

        Assert.Equal(0, busy);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void NoDisposeScopeOfTheCallerOwnsABatch()
    {
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Batch first;
        using (torch.NewDisposeScope())
            first = Source(4).Epoch(0).First();

        Assert.False(first.Image.IsInvalid || first.Mask.IsInvalid || first.Text.IsInvalid);
        Assert.Equal(live + 3, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        first.Dispose();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void CancellationEndsTheLoop()
    {
        using var stop = new CancellationTokenSource();
        int taken = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (Batch batch in Source(200).Epoch(0, cancellation: stop.Token))
            {
                batch.Dispose();
                if (++taken == 2)
                    stop.Cancel();
            }
        });
        Assert.Equal(2, taken);
    }

    [Fact]
    public void CancellationWhileABatchIsAwaitedEndsTheWorkersToo()
    {
        using var stop = new CancellationTokenSource();
        int busy = 0;
        BatchSource source = Source(200, Settings with { Shuffle = false }, c =>
        {
            Interlocked.Increment(ref busy);
            if (c.Id == "case01")
                stop.Cancel();
            Thread.Sleep(5);
            Interlocked.Decrement(ref busy);
            return Read(c);
        });

        Assert.ThrowsAny<OperationCanceledException>(() => Take(source.Epoch(0, cancellation: stop.Token)));
        Assert.Equal(0, busy);
    }

    [Fact]
    public void MissingTextIsAllNaN() =>
        Assert.All(Take(Source(10, Settings with { Text = TextMode.Missing }).Epoch(0)).SelectMany(b => b.Text), v => Assert.True(float.IsNaN(v)));

    [Fact]
    public void ShuffledTextIsAnotherCasesAndLeavesOutThoseWithoutOne()
    {
        Case[] cases = [.. Cases(20).Select((c, i) => c with { Report = i == 7 ? null : new LesionReport(false, i, Zones.LeftUpper) })];
        float[] counts = Counts(cases, TextMode.ShuffledBetweenCases);

        Assert.True(float.IsNaN(counts[7]));
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i != 7).Select(i => (float)i), counts.Where(c => !float.IsNaN(c)).Order());
        Assert.All(Enumerable.Range(0, 20), i => Assert.NotEqual(i, counts[i]));
        Assert.Equal(counts, Counts(cases, TextMode.ShuffledBetweenCases));
    }

    [Fact]
    public void ShufflingNeedsTwoReports()
    {
        var error = Assert.Throws<ArgumentException>(() => Source(1, Settings with { Text = TextMode.ShuffledBetweenCases }));
        Assert.Equal("Shuffling needs at least two cases with a report; here 1 of 1 have one.", error.Message);
    }

    [Fact]
    public void MirroredTextExchangesTheSides()
    {
        Case[] cases = [.. Cases(1).Select(c => c with { Report = new LesionReport(false, 2, Zones.LeftUpper | Zones.LeftLower) })];
        Bits batch = Take(new BatchSource(cases, Read, BatchSettings.ForScoring(1) with { Text = TextMode.Mirrored }).Epoch(0)).Single();

        Assert.Equal(new LesionReport(false, 2, Zones.RightUpper | Zones.RightLower).ToVector(), batch.Text);
        Assert.Equal(Read(cases[0]).Image.Pixels, batch.Image[..(Side * Side)]);
    }

    [Fact]
    public void WrongNumbersAreWrongPossibleAndOtherwiseTheReport()
    {
        Case[] cases = [.. Enumerable.Range(0, 60).Select(i => Cases(60)[i] with { Report = new LesionReport(i % 2 == 0, i / 6, Zones.All) })];
        BatchSource source = new(cases, Read, BatchSettings.ForScoring(60) with { Text = TextMode.WrongNumber });
        float[][] rows = [.. Take(source.Epoch(0)).Single().Text.Chunk(8)];

        Assert.All(cases.Zip(rows), pair =>
        {
            LesionReport report = pair.First.Report!;
            Assert.NotEqual(report.Areas, pair.Second[1]);
            Assert.InRange(pair.Second[1], report.Bilateral ? 2 : 1, 7);
            Assert.Equal((report with { Areas = (int)pair.Second[1] }).ToVector(), pair.Second);
        });
    }

    [Fact]
    public void TheNumberAloneNamesEveryZone()
    {
        Case[] cases = [.. Cases(3).Select((c, i) => c with { Report = i == 2 ? null : new LesionReport(false, 3 + i, Zones.LeftLower) })];
        Bits batch = Take(new BatchSource(cases, Read, BatchSettings.ForScoring(3) with { Text = TextMode.NumberOnly }).Epoch(0)).Single();
        Assert.Equal([1, 3, 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1], batch.Text[..16]);
        Assert.All(batch.Text[16..], value => Assert.True(float.IsNaN(value)));
    }

    [Theory]
    [InlineData(0.0, 0.0, 0.0)]
    [InlineData(0.3, 0.22, 0.38)]
    [InlineData(1.0, 1.0, 1.0)]
    public void TextDropoutLosesThatShareOfReports(double chance, double least, double most)
    {
        BatchSource source = Source(400, Settings with { BatchSize = 100, TextDropout = chance });
        double missing = Take(source.Epoch(0)).SelectMany(b => b.Text).Count(float.IsNaN) / (400.0 * 8);
        Assert.InRange(missing, least, most);
    }

    [Fact]
    public void TextDropoutLeavesThePicturesAlone() =>
        Assert.Equal(
            Take(Source(20).Epoch(0)).SelectMany(b => b.Image),
            Take(Source(20, Settings with { TextDropout = 0.5 }).Epoch(0)).SelectMany(b => b.Image));

    [Fact]
    public void SettingsOutsideTheirRangeAreRefused()
    {
        BatchSettings[] wrong =
        [
            Settings with { BatchSize = 0 }, Settings with { Workers = 0 }, Settings with { Ahead = 0 },
            Settings with { CacheLimitBytes = -1 }, Settings with { TextDropout = 1.1 }, Settings with { TextDropout = double.NaN },
        ];
        Assert.All(wrong, settings => Assert.Throws<ArgumentException>(() => Source(4, settings)));
        Assert.Throws<ArgumentException>(() => Source(0));
        Assert.Throws<ArgumentException>(() => Source(8).Epoch(0, firstBatch: 3));
    }

    private static BatchSource Source(int cases, BatchSettings? settings = null, Func<Case, Sample>? read = null) =>
        new(Cases(cases), read ?? Read, settings ?? Settings);

    private static Case[] Cases(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Case($"case{i:00}", $"folder/case{i:00}.png", null, new LesionReport(i % 2 == 0, 2 + (i % 3), (Zones)(i % 64)), null, ImageKind.XRay))];

    /// <summary>A picture of noise, its own for each case.</summary>
    private static Sample Read(Case c)
    {
        Random random = Seeds.Random(1, c.Id);
        var image = new GrayImage(Side, Side, [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle())]);
        var mask = new BinaryMask(Side, Side, [.. image.Pixels.Select(p => p > 0.5f ? (byte)1 : (byte)0)]);
        return new Sample(c, image, mask, c.Report);
    }

    /// <summary>Reads after a wait that differs from case to case, so that threads overtake each other.</summary>
    private static Sample Slowly(Case c)
    {
        Thread.Sleep(Seeds.Random(2, c.Id).Next(3));
        return Read(c);
    }

    private static float[] Counts(Case[] cases, TextMode text) =>
        [.. Take(new BatchSource(cases, Read, BatchSettings.ForScoring(100) with { Text = text }).Epoch(0)).Single().Text.Where((_, i) => i % 8 == 1)];

    private static List<Bits> Take(IEnumerable<Batch> batches)
    {
        var taken = new List<Bits>();
        foreach (Batch batch in batches)
        {
            using (batch)
                taken.Add(new Bits([.. batch.Cases.Select(c => c.Id)], Values(batch.Image), Values(batch.Mask), Values(batch.Text)));
        }

        return taken;
    }

    private static IEnumerable<string> Ids(IEnumerable<Bits> batches) => batches.SelectMany(b => b.Ids);

    private static float[] Values(torch.Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    private static void AssertSame(IEnumerable<Bits> expected, IEnumerable<Bits> actual)
    {
        Bits[] a = [.. expected], b = [.. actual];
        Assert.Equal(a.Length, b.Length);
        Assert.All(a.Zip(b), pair =>
        {
            Assert.Equal(pair.First.Ids, pair.Second.Ids);
            Assert.Equal(pair.First.Image, pair.Second.Image);
            Assert.Equal(pair.First.Mask, pair.Second.Mask);
            Assert.Equal(pair.First.Text, pair.Second.Text);
        });
    }

    private sealed record Bits(string[] Ids, float[] Image, float[] Mask, float[] Text);
}
