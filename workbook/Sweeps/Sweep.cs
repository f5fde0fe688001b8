using System.Diagnostics;
using C2FVL.Experiments;
using C2FVL.Training;

namespace C2FVL.Workbook.Sweeps;

/// <summary>
/// Runs a list of specs: loads what is finished, resumes what was interrupted, trains what is missing, several at once
/// in processes of their own where cores and memory allow.
/// </summary>
/// <remarks>
/// Several sweeps, on one machine or on several with one store, may hold the same runs: each run is trained by one of
/// them, and the others come back for it. Ending a sweep, in whatever way, leaves every run resumable.
/// </remarks>
internal sealed class Sweep
{
    private const int Starts = 3;
    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(1), LongRun = TimeSpan.FromMinutes(1);

    private readonly RunStore store;
    private readonly List<Item> items;

    /// <param name="rows">What to run and to score; equal specs are one run.</param>
    /// <param name="store">Where the runs are kept.</param>
    public Sweep(IEnumerable<ExperimentRow> rows, RunStore store)
    {
        this.store = store;
        items = [.. ManyRuns.Distinct(rows).Select(row => new Item(row))];
    }

    /// <summary>How many runs at once; null for as many as cores and memory allow. The default is null.</summary>
    public int? Jobs { get; init; }

    /// <summary>
    /// Whether the small files of each run are copied to the tracked results when it is finished. The default is false.
    /// </summary>
    public bool Track { get; init; }

    /// <summary>
    /// Whether each run's weights are wanted here. The default is false: a run whose results are tracked, with the
    /// scores that its rows ask for, counts as finished.
    /// </summary>
    public bool NeedWeights { get; init; }

    /// <summary>Called with the id of each process that is started.</summary>
    public Action<int>? OnStart { get; init; }

    /// <summary>Brings every run to its end.</summary>
    /// <param name="onProgress">Called often, from any thread, never by two at once.</param>
    /// <param name="cancellation">Ends every run after the step under way, resumable.</param>
    /// <returns>The runs, each spec once, in the order of the rows.</returns>
    /// <exception cref="SweepException">Some runs failed; the others are finished and kept.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<Run> Run(Action<SweepProgress> onProgress, CancellationToken cancellation = default)
    {
        var board = new Board(items, onProgress);
        var queue = new Queue<Item>();
        foreach (Item item in items.Where(item => !Finish(item, board)))
            queue.Enqueue(item);

        if (queue.Count > 0)
        {
            int jobs = JobsFor([.. queue.Select(item => item.Spec)]);
            var crew = new Crew(queue, jobs);
            IEnumerable<Task> workers = Enumerable.Range(0, jobs)
                .Select(_ => Task.Run(() => Work(crew, board, cancellation), CancellationToken.None));
            Task.WhenAll(workers).GetAwaiter().GetResult();
        }

        cancellation.ThrowIfCancellationRequested();
        if (board.Failures.Count > 0)
            throw new SweepException(board.Failures, items.Count);
        return [.. items.Select(item => store.FindFinished(item.Row, NeedWeights)!)];
    }

    /// <summary>
    /// How many of these runs go at once: cores over threads, memory over what a run takes, one on a GPU, at least 1.
    /// </summary>
    private int JobsFor(IReadOnlyList<RunSpec> specs)
    {
        if (Jobs is int asked)
            return Math.Clamp(asked, 1, specs.Count);
        if (specs.Any(spec => spec.Device != "cpu"))
            return 1;
        GC.Collect(0); // the memory load is measured at a collection
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return JobsFor(specs, Environment.ProcessorCount, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    internal static int JobsFor(IReadOnlyList<RunSpec> specs, int cores, long freeBytes) =>
        (int)Math.Clamp(
            Math.Min(cores / specs.Max(spec => Math.Max(1, spec.Threads)), freeBytes / specs.Max(MemoryOf)), 1,
            specs.Count);

    /// <summary>
    /// About what a training process holds, in bytes, measured and rounded up: 0.8 GB of runtime and libtorch, and per
    /// pixel of a batch 32 kB at the published width (C2FVL, batch 4: 6.4 GB), 12 kB at half of it and at the small
    /// one, 8 kB at the tiny one.
    /// </summary>
    internal static long MemoryOf(RunSpec spec)
    {
        long perPixel = spec.Scale switch
        {
            Scale.Phantom => 8_000,
            Scale.Mini => 12_000,
            Scale.Full => 12_000,
            _ => 32_000,
        };
        return 800_000_000 + (perPixel * spec.Training.BatchSize * spec.Model.ImageSize * spec.Model.ImageSize);
    }

    /// <returns>Whether the run is finished; if so, it is tracked where that is wanted.</returns>
    private bool Finish(Item item, Board board)
    {
        if (store.FindFinished(item.Row, NeedWeights) is not Run run)
            return false;
        if (Track)
            store.Track(run);
        board.Finish(item);
        return true;
    }

    private async Task Work(Crew crew, Board board, CancellationToken cancellation)
    {
        TrainProcess? process = null;
        try
        {
            while (!cancellation.IsCancellationRequested && crew.Take() is Item item)
            {
                if (Finish(item, board))
                    continue; // another process has finished it since
                if (store.IsLocked(item.Spec))
                {
                    board.Wait(item);
                    crew.PutBack(item);
                    await Task.Delay(ComeBack, cancellation);
                    continue;
                }

                var clock = Stopwatch.StartNew();
                TrainEnd end;
                try
                {
                    process ??= StartProcess();
                    end = await process.Run(
                        TrainOrder.Of(item.Row), progress => board.Step(item, progress), cancellation);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    end = new TrainEnd(TrainEndKind.Failed, e.Message); // the rest goes on
                }

                // Starting a process costs seconds, so short runs share one; a long run has its memory to itself.
                if (process is not null
                    && (end.Kind is TrainEndKind.Killed or TrainEndKind.Failed || clock.Elapsed > LongRun))
                {
                    await process.DisposeAsync();
                    process = null;
                }

                switch (end.Kind)
                {
                    case TrainEndKind.Finished when Finish(item, board):
                        break;
                    case TrainEndKind.Locked:
                        crew.PutBack(item);
                        break;
                    case TrainEndKind.Killed when ++item.Kills < Starts:
                        crew.PutBack(item);
                        if (crew.LeaveUnlessLast()) // too many at once for the memory is why most are killed
                            return;
                        break;
                    default:
                        board.Fail(item, end.Said);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Run throws it once every worker has left.
        }
        finally
        {
            if (process is not null)
                await process.DisposeAsync();
        }
    }

    private TrainProcess StartProcess()
    {
        var process = new TrainProcess(store);
        OnStart?.Invoke(process.Id);
        return process;
    }

    /// <summary>A run of the sweep.</summary>
    private sealed class Item(ExperimentRow row)
    {
        public ExperimentRow Row => row;

        public RunSpec Spec => row.Spec;

        public int Epochs => row.Spec.Training.PretrainingEpochs + row.Spec.Training.Epochs;

        public int Kills { get; set; }
    }

    /// <summary>The runs that wait, and how many workers take from them.</summary>
    private sealed class Crew(Queue<Item> queue, int workers)
    {
        private readonly Lock gate = new();
        private int left = workers;

        /// <summary>The next run; null where none waits, and then this worker has left.</summary>
        public Item? Take()
        {
            lock (gate)
            {
                if (queue.TryDequeue(out Item? item))
                    return item;
                left--;
                return null;
            }
        }

        public void PutBack(Item item)
        {
            lock (gate)
                queue.Enqueue(item);
        }

        /// <summary>Takes this worker out, unless no other is there to take what waits.</summary>
        public bool LeaveUnlessLast()
        {
            lock (gate)
            {
                if (left == 1)
                    return false;
                left--;
                return true;
            }
        }
    }

    /// <summary>What all runs together have done.</summary>
    private sealed class Board(IReadOnlyList<Item> items, Action<SweepProgress> report)
    {
        private readonly Lock gate = new();
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly Dictionary<Item, double> epochs = items.ToDictionary(item => item, _ => 0.0);
        private readonly Dictionary<Item, double> begunAt = [];
        private readonly Dictionary<Item, string> active = [];
        private int finished;

        public List<(string Run, string Message)> Failures { get; } = [];

        public void Step(Item item, TrainingProgress progress) => Change(() =>
        {
            bool testing = progress.Stage == TrainingProgress.Test;
            epochs[item] = testing ? item.Epochs : (double)progress.Done / Math.Max(1, progress.Total) * item.Epochs;
            begunAt.TryAdd(item, epochs[item]);
            active[item] = $"{item.Row.Name}: {(testing ? "test" : $"epoch {progress.Epoch}/{progress.Epochs}")}";
        });

        public void Wait(Item item) => Change(() => active[item] = $"{item.Row.Name}: locked by another process");

        public void Finish(Item item) => Change(() =>
        {
            finished++;
            epochs[item] = item.Epochs;
            begunAt.TryAdd(item, item.Epochs); // another process did it, or it was done before
            active.Remove(item);
        });

        public void Fail(Item item, string message) => Change(() =>
        {
            Failures.Add(($"{item.Row.Name} ({item.Spec.Name})", message));
            epochs[item] = item.Epochs;
            begunAt[item] = item.Epochs;
            active.Remove(item);
        });

        private void Change(Action change)
        {
            lock (gate)
            {
                change();
                double done = epochs.Values.Sum(), all = items.Sum(item => (double)item.Epochs);
                double here = begunAt.Sum(begun => epochs[begun.Key] - begun.Value);
                TimeSpan? left = SweepProgress.Left(here, all - done, clock.Elapsed);
                report(new SweepProgress(finished, Failures.Count, items.Count, [.. active.Values], done, all, left));
            }
        }
    }
}
