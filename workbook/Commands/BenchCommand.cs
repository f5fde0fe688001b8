using System.CommandLine;
using System.Globalization;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Bench;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// <c>workbook bench</c>: how fast the library is, as ratios within one run: against the machine's own convolutions, and
/// against the same networks without optimisation. Each job has a process of its own, and they take turns.
/// </summary>
internal static class BenchCommand
{
    private const string All = "all";

    public static Command Create()
    {
        string measureNames = string.Join(", ", Enum.GetValues<BenchMeasure>().Select(BenchMeasures.Name));
        var scale = new Option<Scale>("--scale") { Description = "The networks' preset: phantom, mini, full or paper. The default is paper, width 64 at 224 x 224.", DefaultValueFactory = _ => Scale.Paper };
        var models = new Option<string>("--models", "--model") { Description = $"Methods of the paper's Table 1, separated by commas, or {All}.", DefaultValueFactory = _ => All };
        var measures = new Option<string>("--measures") { Description = $"What is timed, separated by commas, or {All}: {measureNames}.", DefaultValueFactory = _ => All };
        var batch = new Option<int>("--batch") { Description = "Images per training step.", DefaultValueFactory = _ => 4 }.Within(1, 256);
        var steps = new Option<int>("--steps")
        {
            Description = "Timings of each measure per process, after one warm-up.",
            DefaultValueFactory = _ => 3,
        }.Within(1, 1000);
        var rounds = new Option<int>("--rounds")
        {
            Description = "The number of rounds. Every process runs once per round.",
            DefaultValueFactory = _ => 1,
        }.Within(1, 100);
        var threads = new Option<int>("--threads")
        {
            Description = "The number of libtorch threads.",
            DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, Devices.MostThreads),
        }.Within(1, Devices.MostThreads);
        var plain = new Option<bool>("--plain")
        {
            Description = "Time only the plain networks, without fast paths and with the system's allocator. Short "
                + $"for --measures {BenchMeasure.PlainStep.Name()}.",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "A trial in seconds: phantom preset, C2FVL, one timing per measure. The numbers mean "
                + "nothing.",
        };
        var output = new Option<FileInfo?>("--out")
        {
            Description = "The CSV file. The tables (.md) and the figure are written beside it. The default is "
                + "data/out/bench.csv.",
        };
        var child = new Option<bool>("--child") { Hidden = true };
        var command = new Command("bench", "Times training, inference, loading and the machine's own peak, and shows "
            + "their ratios. Takes about ten minutes at the paper preset on 2 cores.");
        foreach (Option option in new Option[] { scale, models, measures, batch, steps, rounds, threads, plain, quick, output, child })
            command.Options.Add(option);

        command.SetAction(async (parsed, cancellation) =>
        {
            bool fast = parsed.GetValue(quick);
            Scale preset = fast ? Scale.Phantom : parsed.GetValue(scale);
            int Timings() => fast ? 1 : parsed.GetValue(steps);
            IReadOnlyList<BenchMeasure> wanted = parsed.GetValue(plain) ? [BenchMeasure.PlainStep] : Measures(parsed.GetValue(measures)!);
            IReadOnlyList<string> methods = fast ? ["C2FVL"] : Methods(parsed.GetValue(models)!);
            if (parsed.GetValue(child))
            {
                // Cells and async code run on pool threads, so that is where it counts.
                var job = new BenchJob(wanted, preset, methods[0], !FastPaths.On) { Batch = parsed.GetValue(batch), Steps = Timings(), Threads = parsed.GetValue(threads) };
                await Task.Run(() => BenchChild.Run(job, sample => Console.WriteLine(sample.ToLine())), cancellation);
                return;
            }

            IReadOnlyList<BenchJob> jobs = BenchJob.Plan(wanted, methods, preset, fast ? Scale.Phantom : Scale.Mini, parsed.GetValue(batch), Timings(), parsed.GetValue(threads));
            var samples = new List<BenchSample>();
            for (int round = 0; round < (fast ? 1 : parsed.GetValue(rounds)); round++)
            {
                foreach (BenchJob job in jobs)
                {
                    IReadOnlyList<BenchSample> now = await BenchProcess.Run(job, cancellation);
                    samples.AddRange(now);
                    foreach (IGrouping<BenchMeasure, BenchSample> of in now.GroupBy(sample => sample.Measure))
                        Console.WriteLine($"{of.Key.Name()} {of.First().Model}: {string.Join(" ", of.Select(s => s.Seconds.ToString("0.0000", CultureInfo.InvariantCulture)))} s");
                }
            }

            Show(BenchRow.Of(samples), Caption(preset, parsed.GetValue(threads)), parsed.GetValue(output)?.FullName ?? Path.Combine(Workspace.Root, "data", "out", "bench.csv"));
        });
        return command;
    }

    private static void Show(IReadOnlyList<BenchRow> rows, string caption, string path)
    {
        Console.WriteLine();
        Console.WriteLine(BenchReport.Ratios(rows).ToMarkdown());
        Console.WriteLine(BenchReport.Timings(rows, caption).ToMarkdown());
        foreach (string file in BenchReport.Save(path, rows, caption))
            Console.WriteLine(file);
    }

    private static string Caption(Scale scale, int threads) =>
        $"{RunStore.ScaleName(scale)} preset, {threads} threads, {Processor()}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}.";

    /// <summary>The processor's name as the system tells it.</summary>
    private static string Processor()
    {
        const string file = "/proc/cpuinfo", name = "model name";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}";
    }

    private static IReadOnlyList<BenchMeasure> Measures(string list) =>
        list == All ? BenchMeasures.Default : [.. Names(list).Select(BenchMeasures.Parse)];

    private static IReadOnlyList<string> Methods(string list) => list == All
        ? ModelCatalog.Names
        : [.. Names(list).Select(name => ModelCatalog.Get(name, Scale.Phantom).Name).Distinct()];

    private static string[] Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } names
        ? names
        : throw new ArgumentException($"\"{list}\" is not a list of names. Separate names by commas, or write {All}.");
}
