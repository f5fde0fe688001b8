using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Data;

/// <summary>
/// Turns cases into batches. Files are decoded and varied on worker threads ahead of the step that takes the batch,
/// never more than <see cref="BatchSettings.Ahead"/> batches at a time. What a batch holds depends on the seed, the
/// epoch and its place alone: not on threads, not on the cache, and not on where in the epoch one begins.
/// </summary>
/// <param name="cases">The cases of one part, at least one.</param>
/// <param name="read">Decodes a case at the network's size; called from several threads at once, and it must leave
/// no tensor behind.</param>
/// <param name="settings">How cases become batches; the defaults where null.</param>
/// <exception cref="ArgumentException">There is no case, or too few with a report to shuffle reports between; or a
/// setting is outside its range.</exception>
public sealed class BatchSource(IReadOnlyList<Case> cases, Func<Case, Sample> read, BatchSettings? settings = null)
{
    private readonly BatchSettings settings = Checked(settings ?? new BatchSettings(), cases.Count);
    private readonly int[]? reportFrom =
        settings?.Text == TextMode.ShuffledBetweenCases ? RingOfReports(cases, settings.Seed) : null;
    private readonly Sample?[] cache = new Sample?[cases.Count];
    private long cachedBytes;

    /// <summary>The number of cases.</summary>
    public int CaseCount => cases.Count;

    /// <summary>Batches in an epoch, the smaller last one counted.</summary>
    public int BatchCount => (cases.Count + settings.BatchSize - 1) / settings.BatchSize;

    /// <summary>
    /// The batches of an epoch, from <paramref name="firstBatch"/> on. Each belongs to the caller, who disposes it;
    /// no dispose scope does it for him. Leaving the loop early ends the workers before it returns.
    /// </summary>
    /// <param name="epoch">The epoch; each has its own order and augmentation.</param>
    /// <param name="firstBatch">The batch to begin with, 0 to <see cref="BatchCount"/>: where an interrupted run goes
    /// on.</param>
    /// <param name="cancellation">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">A case cannot be read; the message names its file. Thrown in the loop,
    /// when the case's turn comes.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        SettingRange.Require(firstBatch >= 0 && firstBatch <= BatchCount, firstBatch, $"from 0 to {BatchCount}");
        return Run(epoch, firstBatch, cancellation);
    }

    private IEnumerable<Batch> Run(int epoch, int firstBatch, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, cases.Count)];
        if (settings.Shuffle)
            Seeds.Random(settings.Seed, "order", epoch).Shuffle(order);
        int next = firstBatch;
        var ahead = new Queue<Task<Sample[]>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var workers = new TaskFactory<Sample[]>(
            new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, settings.Workers).ConcurrentScheduler);
        try
        {
            FillAhead();
            while (ahead.TryPeek(out Task<Sample[]>? first))
            {
                cancellation.ThrowIfCancellationRequested();
                Sample[] samples = first.GetAwaiter().GetResult();
                ahead.Dequeue();
                FillAhead();
                yield return ToBatch(samples);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(ahead).ContinueWith(ended => ended.Exception, TaskScheduler.Default)
                .Wait(CancellationToken.None);
        }

        void FillAhead()
        {
            for (; ahead.Count < settings.Ahead && next < BatchCount; next++)
            {
                int start = next * settings.BatchSize;
                var members = new ArraySegment<int>(order, start, Math.Min(settings.BatchSize, order.Length - start));
                ahead.Enqueue(workers.StartNew(() => Make(members, epoch, stop.Token), stop.Token));
            }
        }
    }

    /// <summary>
    /// What one worker makes: managed arrays only, so that a batch nobody takes holds no native memory.
    /// </summary>
    private Sample[] Make(ArraySegment<int> members, int epoch, CancellationToken stop)
    {
        Sample[] samples = [.. members.Select(member =>
        {
            stop.ThrowIfCancellationRequested();
            return Vary(Decoded(member), member, epoch);
        })];
        int side = samples[0].Image.Width;
        foreach (Sample sample in samples)
        {
            (string what, (int Width, int Height) size) = sample.Image.Size != (side, side)
                ? ("image", sample.Image.Size) : ("mask", sample.Mask.Size);
            if (size != (side, side))
                throw new InvalidDataException($"{sample.Case.ImagePath}: its {what} is {size.Width} x {size.Height}, "
                    + $"but its batch has {side} x {side}. Read all cases at the network's size.");
        }

        return samples;
    }

    /// <summary>Tensors that no dispose scope owns, whichever the calling thread is in.</summary>
    private static Batch ToBatch(Sample[] samples)
    {
        using var scope = NewDisposeScope();
        int side = samples[0].Image.Width;
        Tensor gray = stack([.. samples.Select(s => tensor(s.Image.Pixels, [1, side, side]))]);        // (B, 1, S, S)
        Tensor mask = stack([.. samples.Select(s => tensor(s.Mask.Pixels, [1, side, side]))]);
        float[] texts = [.. samples.SelectMany(s => s.Report?.ToVector() ?? TextVector.Missing)];
        return new Batch(
            gray.repeat(1, 3, 1, 1).DetachFromDisposeScope(),                                          // (B, 3, S, S)
            mask.to(float32).DetachFromDisposeScope(),                                                 // (B, 1, S, S)
            tensor(texts, [samples.Length, TextVector.Length]).DetachFromDisposeScope(),               // (B, 8)
            [.. samples.Select(s => s.Case)]);
    }

    /// <summary>The case with the report and the move that the settings give it in this epoch.</summary>
    private Sample Vary(Sample sample, int index, int epoch)
    {
        int seed = settings.Seed;
        string id = cases[index].Id;
        LesionReport? own = sample.Report, report = settings.Text switch
        {
            TextMode.ShuffledBetweenCases => cases[reportFrom![index]].Report,
            TextMode.Mirrored => own?.FlipHorizontal(),
            TextMode.WrongNumber when own is not null => WithWrongNumber(own, Seeds.Random(seed, "wrong number", id)),
            TextMode.NumberOnly when own is not null => own with { Bilateral = true, Zones = Zones.All },
            TextMode.Missing => null,
            _ => own,
        };
        if (settings.TextDropout > 0
            && Seeds.Random(seed, "text dropout", epoch, id).NextDouble() < settings.TextDropout)
            report = null;
        Sample varied = sample with { Case = cases[index], Report = report };
        return settings.Augmentation.Apply(varied, seed, "augment", epoch, id);
    }

    private static LesionReport WithWrongNumber(LesionReport report, Random random)
    {
        // Two infected lungs have at least two areas, so that the number is wrong and the report still possible.
        int[] others = [.. Enumerable.Range(report.Bilateral ? 2 : 1, 6).Where(n => n != report.Areas).Take(5)];
        return report with { Areas = others[random.Next(others.Length)] };
    }

    /// <summary>
    /// For each case the one whose report it gets: one seeded ring through all cases that have a report.
    /// </summary>
    private static int[] RingOfReports(IReadOnlyList<Case> cases, int seed)
    {
        int[] from = [.. Enumerable.Range(0, cases.Count)];
        int[] ring = [.. from.Where(i => cases[i].Report is not null)];
        if (ring.Length < 2)
            throw new ArgumentException(
                $"Shuffling needs at least two cases with a report; here {ring.Length} of {cases.Count} have one.");

        Seeds.Random(seed, "shuffled text").Shuffle(ring);
        for (int i = 0; i < ring.Length; i++)
            from[ring[i]] = ring[(i + 1) % ring.Length];
        return from;
    }

    private static BatchSettings Checked(BatchSettings settings, int cases)
    {
        SettingRange.Require(cases > 0, cases, "at least 1", "The number of cases");
        SettingRange.Require(settings.BatchSize >= 1, settings.BatchSize, "at least 1");
        SettingRange.Require(settings.Workers >= 1, settings.Workers, "at least 1");
        SettingRange.Require(settings.Ahead >= 1, settings.Ahead, "at least 1");
        SettingRange.Require(settings.CacheLimitBytes >= 0, settings.CacheLimitBytes, "0 or more");
        SettingRange.Require(settings.TextDropout is >= 0 and <= 1, settings.TextDropout, "from 0 to 1");
        return settings;
    }

    private Sample Decoded(int index)
    {
        if (Volatile.Read(ref cache[index]) is Sample known)
            return known;

        Sample sample;
        Case unread = cases[index];
        try
        {
            sample = read(unread);
            sample.Image.RequireNumbers();
        }
        catch (Exception error)
        {
            bool isNamed = new[] { unread.ImagePath, unread.MaskPath }.OfType<string>().Any(error.Message.Contains);
            throw new InvalidDataException(
                (isNamed ? "" : $"{unread.ImagePath}: the case cannot be read: ") + error.Message, error);
        }

        long bytes = (sample.Image.Pixels.Length * (long)sizeof(float)) + sample.Mask.Pixels.Length;
        if (Interlocked.Add(ref cachedBytes, bytes) > settings.CacheLimitBytes
            || Interlocked.CompareExchange(ref cache[index], sample, null) is not null)
            Interlocked.Add(ref cachedBytes, -bytes);
        return sample;
    }
}

/// <summary>What a training or scoring step takes. The owner disposes it.</summary>
/// <param name="Image">Shape (B, 3, S, S), float32, 0 to 1, three equal channels.</param>
/// <param name="Mask">Shape (B, 1, S, S), float32, 0 or 1.</param>
/// <param name="Text">Shape (B, 8), float32; a row of NaN is a missing report.</param>
/// <param name="Cases">The B cases, in the order of the rows.</param>
public sealed record Batch(
    torch.Tensor Image, torch.Tensor Mask, torch.Tensor Text, IReadOnlyList<Case> Cases) : IDisposable
{
    public void Dispose()
    {
        Image.Dispose();
        Mask.Dispose();
        Text.Dispose();
    }
}

/// <summary>How cases become batches.</summary>
public sealed record BatchSettings
{
    /// <summary>
    /// Cases a batch, at least 1. The default is 4. An epoch's last batch may be smaller; none is dropped.
    /// </summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>
    /// The run's seed, from which order, augmentation and text controls are derived. The default is 666, the authors'.
    /// </summary>
    public int Seed { get; init; } = 666;

    /// <summary>
    /// Whether each epoch has its own order; otherwise it is the order of the list. The default is true.
    /// </summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>How images are varied. The default is <see cref="Augmentation.TextConsistent"/>.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.TextConsistent;

    /// <summary>Which report a case gets. The default is its own.</summary>
    public TextMode Text { get; init; } = TextMode.Correct;

    /// <summary>The chance, 0 to 1, that a case's report is missing in an epoch. The default is 0.</summary>
    public double TextDropout { get; init; }

    /// <summary>
    /// Batches made at a time, each by one thread, at least 1. The default is half the cores, but 2 to 8. Changes no
    /// result.
    /// </summary>
    public int Workers { get; init; } = DefaultWorkers;

    /// <summary>
    /// Batches made or being made before they are asked for, at least 1; no more workers than this are busy.
    /// The default is twice the default <see cref="Workers"/>. Changes no result.
    /// </summary>
    public int Ahead { get; init; } = 2 * DefaultWorkers;

    /// <summary>
    /// Memory for decoded cases that later epochs take instead of their files, in bytes; 0 for none. The default is
    /// 2 GiB, which holds some 6,800 cases at 224 x 224. Full, it keeps what it has and takes no more. Changes no
    /// result.
    /// </summary>
    public long CacheLimitBytes { get; init; } = 2L << 30;

    private static int DefaultWorkers => Math.Clamp(Environment.ProcessorCount / 2, 2, 8);

    /// <summary>
    /// Cases a batch where no gradient is wanted, whatever the training's batch: 8. It changes no score beyond
    /// rounding.
    /// </summary>
    public const int ScoringBatch = 8;

    /// <summary>Settings for validation and testing: the order of the list, no augmentation.</summary>
    public static BatchSettings ForScoring(int batchSize = ScoringBatch) =>
        new() { BatchSize = batchSize, Shuffle = false, Augmentation = Augmentation.None };
}
