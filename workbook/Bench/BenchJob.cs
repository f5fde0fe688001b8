using C2FVL.Experiments;

namespace C2FVL.Workbook.Bench;

/// <summary>What one child process times.</summary>
/// <param name="Measures">By turns within the child, so that a slower minute of the machine meets them all.</param>
/// <param name="Scale">The preset.</param>
/// <param name="Model">The method.</param>
/// <param name="Plain">Whether fast paths are off and the allocator is the system's.</param>
internal sealed record BenchJob(IReadOnlyList<BenchMeasure> Measures, Scale Scale, string Model, bool Plain)
{
    /// <summary>Images in an inference batch.</summary>
    public const int InferenceBatch = 8;

    /// <summary>Images in a training step.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>Timings of each measure, after one that does not count.</summary>
    public int Steps { get; init; } = 3;

    /// <summary>libtorch's threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    private static readonly BenchMeasure[] OfTheNetwork = [
        BenchMeasure.Sgemm, BenchMeasure.Convolutions, BenchMeasure.ConvolutionsForward,
        BenchMeasure.ConvolutionsBfloat16];

    private static readonly BenchMeasure[] OfAMethod = [BenchMeasure.Step, BenchMeasure.Inference];

    /// <summary>The children of a round: for each method its own and its plain one, then the small preset, then loading.</summary>
    /// <param name="measures">What is asked for.</param>
    /// <param name="models">The methods.</param>
    /// <param name="scale">The preset.</param>
    /// <param name="smallScale">The preset of <see cref="BenchMeasure.Small"/>.</param>
    /// <param name="batch">Images in a training step; the small preset's is 8.</param>
    /// <param name="steps">Timings of each measure in a child.</param>
    /// <param name="threads">libtorch's threads.</param>
    public static IReadOnlyList<BenchJob> Plan(
        IReadOnlyCollection<BenchMeasure> measures, IReadOnlyList<string> models, Scale scale, Scale smallScale, int batch, int steps, int threads)
    {
        const string released = "C2FVL";
        const int smallBatch = 8, timesAsManySmallSteps = 4;
        var jobs = new List<BenchJob>();
        foreach (string model in models.Prepend(released).Distinct())
        {
            BenchMeasure[] asked = models.Contains(model) ? OfAMethod : [];
            Add(model == released ? [.. OfTheNetwork, .. asked] : asked, scale, model, plain: false);
            if (models.Contains(model))
                Add([BenchMeasure.PlainStep], scale, model, plain: true);
        }

        Add([BenchMeasure.Small], smallScale, released, plain: false);
        Add([BenchMeasure.PlainSmall], smallScale, released, plain: true);
        Add([BenchMeasure.Loading], scale, released, plain: false);
        Add([BenchMeasure.StepLoading, BenchMeasure.StepWithoutLoading], scale, released, plain: false);
        return jobs;

        void Add(BenchMeasure[] own, Scale at, string model, bool plain)
        {
            BenchMeasure[] wanted = [.. own.Where(measures.Contains)];
            if (wanted.Length == 0)
                return;
            bool small = wanted[0] is BenchMeasure.Small or BenchMeasure.PlainSmall;
            jobs.Add(new BenchJob(wanted, at, model, plain)
            {
                Batch = small ? smallBatch : batch,
                Steps = small ? timesAsManySmallSteps * steps : steps,
                Threads = threads,
            });
        }
    }
}
