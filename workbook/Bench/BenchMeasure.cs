namespace C2FVL.Workbook.Bench;

/// <summary>What <c>workbook bench</c> times. The names, in words joined by hyphens, are those of its CSV and options.</summary>
internal enum BenchMeasure
{
    /// <summary>A product of two square matrices: the machine's peak.</summary>
    Sgemm,

    /// <summary>The released network's convolutions, forward and backward, weighted by how often each occurs: a training step's limit.</summary>
    Convolutions,

    /// <summary>The same forward alone, at the inference batch: inference's limit.</summary>
    ConvolutionsForward,

    /// <summary>The convolutions of a training step in bfloat16: what that precision gives them.</summary>
    ConvolutionsBfloat16,

    /// <summary>A training step.</summary>
    Step,

    /// <summary>A batch through the network in evaluation mode, without gradients.</summary>
    Inference,

    /// <summary>A training step of the same network without optimisation, on the system's allocator.</summary>
    PlainStep,

    /// <summary>A training step of C2FVL at the mini preset.</summary>
    Small,

    /// <summary>The same without optimisation.</summary>
    PlainSmall,

    /// <summary>A training batch read, decoded, resized and augmented on one core.</summary>
    Loading,

    /// <summary>A training step on batches that are loaded beside it.</summary>
    StepLoading,

    /// <summary>The same step on one batch that is there already, taken by turns with it.</summary>
    StepWithoutLoading,
}

internal static class BenchMeasures
{
    /// <summary>
    /// What is timed by default: all, but for bfloat16 only where the processor multiplies it. Elsewhere it would take
    /// an hour.
    /// </summary>
    public static IReadOnlyList<BenchMeasure> Default { get; } = [.. Enum.GetValues<BenchMeasure>()
        .Where(measure => measure != BenchMeasure.ConvolutionsBfloat16 || MultipliesBFloat16())];

    private static bool MultipliesBFloat16()
    {
        const string file = "/proc/cpuinfo";
        return File.Exists(file) && File.ReadLines(file).Any(line => line.StartsWith("flags", StringComparison.Ordinal)
            && (line.Contains("avx512_bf16", StringComparison.Ordinal)
                || line.Contains("amx_bf16", StringComparison.Ordinal)));
    }

    /// <summary>The name in CSV and options, such as <c>plain-step</c>.</summary>
    public static string Name(this BenchMeasure measure) =>
        string.Concat($"{measure}".Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <exception cref="ArgumentException">There is no such measure; the message lists those there are.</exception>
    public static BenchMeasure Parse(string name)
    {
        BenchMeasure[] found = [.. Enum.GetValues<BenchMeasure>().Where(measure => measure.Name() == name)];
        return found.Length == 1 ? found[0] : throw new ArgumentException($"There is no measure {name}. Choose from "
            + $"{string.Join(", ", Enum.GetValues<BenchMeasure>().Select(Name))}.");
    }
}
