using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using MathNet.Numerics.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// <c>workbook bench</c>: the time of a full-size training step, with large blocks kept on the heap and with the
/// system's defaults, as a ratio within one run. Each setting has a process of its own, for it is set once a process.
/// </summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var command = new Command("bench", "Times a training step with and without the allocator setting, on a thread-pool thread.");
        var scale = new Option<Scale>("--scale") { Description = "The network's size: paper is width 64 at 224 x 224.", DefaultValueFactory = _ => Scale.Paper };
        var model = new Option<string>("--model") { Description = "A system of the paper's Table 1.", DefaultValueFactory = _ => "C2FVL" };
        var batch = new Option<int>("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 4 }.Within(1, 4096);
        var steps = new Option<int>("--steps") { Description = "Timed steps, after one that is not.", DefaultValueFactory = _ => 3 }.Within(1, 10_000);
        var rounds = new Option<int>("--rounds") { Description = "How often the two settings take turns.", DefaultValueFactory = _ => 2 }.Within(1, 10_000);
        var threads = new Option<int>("--threads") { Description = "libtorch's threads.", DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, Devices.MostThreads) }.Within(1, Devices.MostThreads);
        var child = new Option<bool>("--child") { Hidden = true };
        foreach (Option option in new Option[] { scale, model, batch, steps, rounds, threads, child })
            command.Options.Add(option);

        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(child))
            {
                // Cells and async code run on pool threads, so that is where it counts.
                await Task.Run(() => TimeSteps(Presets.For(parsed.GetValue(scale), model: parsed.GetValue(model)!), parsed.GetValue(batch), parsed.GetValue(steps), parsed.GetValue(threads)), cancellation);
                return;
            }

            string[] own = ["bench", "--child", "--scale", $"{parsed.GetValue(scale)}", "--model", parsed.GetValue(model)!, "--batch", $"{parsed.GetValue(batch)}", "--steps", $"{parsed.GetValue(steps)}", "--threads", $"{parsed.GetValue(threads)}"];
            var taken = new Dictionary<string, List<TimedStep>> { ["default"] = [], ["keep"] = [] };
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                foreach (string setting in taken.Keys)
                {
                    List<TimedStep> now = await RunChild(own, setting, cancellation);
                    taken[setting].AddRange(now);
                    Console.WriteLine($"allocator {setting}: {string.Join(" ", now.Select(s => s.Seconds.ToString("0.00", CultureInfo.InvariantCulture)))} s a step, {now.Select(s => (double)s.PageFaults).Median():0} page faults a step");
                }
            }

            double before = Median(taken["default"]), after = Median(taken["keep"]);
            Console.WriteLine(FormattableString.Invariant($"median step: {before:0.00} s with the system's defaults, {after:0.00} s with large blocks kept: {before / after:0.00} times faster"));
        });
        return command;
    }

    private static void TimeSteps(RunSpec spec, int batchSize, int steps, int threads)
    {
        TorchLibrary.EnsureLoaded();
        set_num_threads(threads);
        Seeds.Torch(spec.Seed, "weights");
        using SegmentationModel model = spec.Model.Create();
        using torch.optim.Optimizer optimizer = optim.Adam(model.parameters());
        var loss = new SegmentationLoss(spec.Loss);
        int size = spec.Model.ImageSize;
        using Tensor image = rand(batchSize, 3, size, size), mask = (rand(batchSize, 1, size, size) > 0.7).to(float32);
        using Tensor text = tensor(new LesionReport(true, 2, Zones.All).ToVector()).unsqueeze(0).repeat(batchSize, 1);
        for (int step = 0; step <= steps; step++)
        {
            long faults = PageFaults();
            var clock = Stopwatch.StartNew();
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                loss.Compute(model.call(image, text), mask).Total.backward();
                optimizer.step();
            }

            if (step > 0)
                Console.WriteLine(FormattableString.Invariant($"{clock.Elapsed.TotalSeconds:R} {PageFaults() - faults}"));
        }
    }

    /// <summary>How often this process had to be given a page so far; 0 where the system does not say.</summary>
    private static long PageFaults()
    {
        const string path = "/proc/self/stat";
        const int minorFaults = 7; // counted from the state, which follows the name in brackets
        return File.Exists(path) ? long.Parse(File.ReadAllText(path).Split(") ")[^1].Split(' ')[minorFaults], CultureInfo.InvariantCulture) : 0;
    }

    private static async Task<List<TimedStep>> RunChild(string[] arguments, string allocator, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(BenchCommand).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["C2FVL_ALLOCATOR"] = allocator;
        start.Environment.Remove("MALLOC_ARENA_MAX"); // this process has it by now; the child with large blocks kept sets it for itself
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new IOException($"The timed process ended with code {process.ExitCode}.");
        return (from line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                let parts = line.Split(' ')
                select new TimedStep(double.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture))).ToList();
    }

    private static double Median(List<TimedStep> steps) => steps.Select(step => step.Seconds).Median();

    private readonly record struct TimedStep(double Seconds, long PageFaults);
}
