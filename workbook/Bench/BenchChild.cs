using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Bench;

/// <summary>
/// Does a job in its own process and writes each timing as a line. The allocator's setting, the fast paths and the peak
/// of memory belong to a process, so each job has one.
/// </summary>
internal static class BenchChild
{
    private const int MatrixSide = 2048;

    public static void Run(BenchJob job, Action<BenchSample> write)
    {
        TorchLibrary.EnsureLoaded();
        set_num_threads(job.Threads);
        if (job.Measures.Contains(BenchMeasure.Loading))
        {
            LoadingBench.Run(job, write);
            return;
        }

        RunSpec spec = Presets.For(job.Scale, model: job.Model);
        Seeds.Torch(spec.Seed, "weights");
        using SegmentationModel model = spec.Model.Create();
        var trainer = new Trainer(model, new SegmentationLoss(spec.Loss), spec.Training, spec.Seed, CPU);
        using Batch held = RandomBatch(job.Batch, spec.Model.ImageSize);
        var timers = new List<Func<BenchSample>>();
        using var toDispose = new Disposables();
        double peak = 0;
        foreach (BenchMeasure measure in Enum.GetValues<BenchMeasure>().Where(job.Measures.Contains).OrderBy(TrainsNothing))
            timers.Add(Timer(measure));

        for (int turn = 0; turn <= job.Steps; turn++)
        {
            foreach (Func<BenchSample> timer in timers)
            {
                long faults = PageFaults();
                BenchSample sample = timer();
                if (peak == 0)
                    peak = PeakMiB();
                if (turn > 0) // the first of each warms up
                    write(sample with { PageFaults = PageFaults() - faults, PeakMiB = TrainsNothing(sample.Measure) ? 0 : peak });
            }
        }

        Func<BenchSample> Timer(BenchMeasure measure)
        {
            switch (measure)
            {
                case BenchMeasure.Sgemm:
                    return () => Sgemm();
                case BenchMeasure.Convolutions or BenchMeasure.ConvolutionsForward
                    or BenchMeasure.ConvolutionsBfloat16:
                    bool backward = measure != BenchMeasure.ConvolutionsForward;
                    ScalarType type = measure == BenchMeasure.ConvolutionsBfloat16 ? bfloat16 : float32;
                    int batch = backward ? job.Batch : BenchJob.InferenceBatch;
                    ConvolutionTimer convolutions = toDispose.Add(new ConvolutionTimer(
                        ConvolutionShape.Released((C2FVLSettings)spec.Model), batch, type));
                    double gflop = backward ? convolutions.GflopStep : convolutions.GflopForward;
                    return () => Sample(batch, convolutions.Time(backward)) with { Gflop = gflop };
                case BenchMeasure.Inference:
                    Batch images = toDispose.Add(RandomBatch(BenchJob.InferenceBatch, spec.Model.ImageSize));
                    return () => Sample(BenchJob.InferenceBatch, Infer(model, images));
                default:
                    IEnumerable<Batch> batches = measure == BenchMeasure.StepLoading ? LoadingBench.Batches(spec, job.Batch) : Again(held);
                    IEnumerator<(double Loss, double Seconds)> steps = toDispose.Add(trainer.TimedSteps(batches).GetEnumerator());
                    return () =>
                    {
                        _ = steps.MoveNext(); // both kinds of batches go on for ever
                        return Sample(job.Batch, steps.Current.Seconds);
                    };
            }

            BenchSample Sample(int batch, double seconds) => new(measure, job.Model, batch, spec.Model.ImageSize, seconds);
        }
    }

    /// <summary>Measures that train stand first: the peak of memory is taken at the end of the first step.</summary>
    private static bool TrainsNothing(BenchMeasure measure) =>
        measure is BenchMeasure.Sgemm or BenchMeasure.Convolutions or BenchMeasure.ConvolutionsForward
            or BenchMeasure.ConvolutionsBfloat16 or BenchMeasure.Inference;

    private static BenchSample Sgemm()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(MatrixSide, MatrixSide), b = ones(MatrixSide, MatrixSide);
        var clock = Stopwatch.StartNew();
        mm(a, b);
        double seconds = clock.Elapsed.TotalSeconds;
        return new BenchSample(BenchMeasure.Sgemm, "", 1, MatrixSide, seconds) { Gflop = 2 * Math.Pow(MatrixSide, 3) / 1e9 };
    }

    private static double Infer(SegmentationModel model, Batch batch)
    {
        model.eval();
        using IDisposable pause = CollectorPause.Begin();
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        _ = model.call(batch.Image, batch.Text).Probability;
        return clock.Elapsed.TotalSeconds;
    }

    private static Batch RandomBatch(int count, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = rand(count, 1, size, size).repeat(1, 3, 1, 1);
        Tensor mask = (rand(count, 1, size, size) > 0.7).to(float32);
        Tensor text = tensor(new LesionReport(true, 2, Zones.All).ToVector()).unsqueeze(0).repeat(count, 1);
        return new Batch(image.DetachFromDisposeScope(), mask.DetachFromDisposeScope(), text.DetachFromDisposeScope(), []);
    }

    private static IEnumerable<Batch> Again(Batch batch)
    {
        while (true)
            yield return batch;
    }

    /// <summary>How often this process had to be given a page so far; 0 where the system does not say.</summary>
    private static long PageFaults()
    {
        const string path = "/proc/self/stat";
        const int minorFaults = 7; // counted from the state, which follows the name in brackets
        return File.Exists(path) ? long.Parse(File.ReadAllText(path).Split(") ")[^1].Split(' ')[minorFaults], CultureInfo.InvariantCulture) : 0;
    }

    private static double PeakMiB()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / (double)(1 << 20);
    }

    /// <summary>What the timers hold, disposed at the end.</summary>
    private sealed class Disposables : IDisposable
    {
        private readonly Stack<IDisposable> all = new();

        public T Add<T>(T item)
            where T : IDisposable
        {
            all.Push(item);
            return item;
        }

        public void Dispose()
        {
            while (all.TryPop(out IDisposable? item))
                item.Dispose();
        }
    }
}
