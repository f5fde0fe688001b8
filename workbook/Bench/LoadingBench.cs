using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Phantoms;
using C2FVL.Platform;

namespace C2FVL.Workbook.Bench;

/// <summary>Times how fast cases come from their files into batches: read, decoded, resized, augmented, none of it cached.</summary>
internal static class LoadingBench
{
    private const int Cases = 256;

    /// <summary>A timing is the mean over so many batches, so that it holds every kind of augmentation.</summary>
    private const int BatchesATiming = 32;

    /// <summary>Loads on one core, the program's other threads on it too.</summary>
    public static void Run(BenchJob job, Action<BenchSample> write)
    {
        RunSpec spec = Presets.For(job.Scale, model: job.Model);
        (string set, BatchSource source) = Source(spec, job.Batch, workers: 1);
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.ProcessorAffinity = LowestBit(self.ProcessorAffinity);
        }

        using IEnumerator<Batch> batches = Endless(source).GetEnumerator();
        for (int turn = 0; turn <= job.Steps; turn++)
        {
            var clock = Stopwatch.StartNew();
            for (int i = 0; i < BatchesATiming; i++)
            {
                _ = batches.MoveNext();
                batches.Current.Dispose();
            }

            if (turn > 0) // the first reads the files into the system's cache
                write(new BenchSample(BenchMeasure.Loading, set, job.Batch, spec.Model.ImageSize, clock.Elapsed.TotalSeconds / BatchesATiming));
        }
    }

    /// <summary>Training batches of the preset's data without end, each disposed when the next is asked for.</summary>
    public static IEnumerable<Batch> Batches(RunSpec spec, int batch)
    {
        foreach (Batch loaded in Endless(Source(spec, batch, new BatchSettings().Workers).Source))
        {
            using (loaded)
                yield return loaded;
        }
    }

    private static IEnumerable<Batch> Endless(BatchSource source)
    {
        for (int epoch = 0; ; epoch++)
        {
            foreach (Batch batch in source.Epoch(epoch))
                yield return batch;
        }
    }

    /// <summary>The preset's data set, or phantoms of the same size where it is not on this machine.</summary>
    private static (string Set, BatchSource Source) Source(RunSpec spec, int batch, int workers)
    {
        bool there = spec.Scale == Scale.Phantom || Workspace.FindData(spec.Data.Set) is not null;
        Dataset set = there
            ? RunData.Open(spec.Data).Dataset
            : DatasetReader.Read(PhantomFolder.Write(Workspace.Phantoms, PhantomSettings.XRay with { Size = spec.Model.ImageSize, Train = Cases, Val = 1, Test = 1 }));
        Case[] cases = [.. set.Cases.Where(c => c.GivenPart == Part.Train).Take(Cases)];
        var settings = new BatchSettings { BatchSize = batch, Seed = spec.Seed, Augmentation = Augmentation.TextConsistent, Workers = workers, CacheLimitBytes = 0 };
        return (there ? spec.Data.Set : "phantoms", new BatchSource(cases, c => SampleReader.Read(c, spec.Model.ImageSize, spec.Data.MaskRule), settings));
    }

    private static nint LowestBit(nint mask) => mask & -mask;
}
